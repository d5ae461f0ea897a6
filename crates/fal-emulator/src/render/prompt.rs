//! Finds the camera move that a prompt names.

/// A direction on the screen, towards which the camera goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Left,
    Right,
    Up,
    Down,
}

/// What the camera does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    ZoomIn,
    ZoomOut,
    Pan(Direction),
    Rotate {
        clockwise: bool,
    },
    /// What is filmed where the prompt names no move.
    GentlePushIn,
}

/// Words further behind the verb than this belong to something else.
const REACH: usize = 4;

const ZOOMS: &[&str] = &["zoom", "dolly", "push", "pull", "draw"];
const PANS: &[&str] = &["pan", "tilt", "truck", "track", "slide", "pedestal", "crane", "boom", "sweep"];
const TURNS: &[&str] = &["rotate", "rotation", "spin", "roll", "twirl", "orbit", "revolve"];
/// These only speak of the camera where it is named right before them.
const CAMERA_VERBS: &[&str] = &["move", "travel", "glide", "drift", "go", "fly"];
const CAMERAS: &[&str] = &["camera", "view", "shot", "lens"];

const INWARDS: &[&str] = &["in", "into", "inward", "inwards", "forward", "forwards", "closer", "towards", "toward"];
const OUTWARDS: &[&str] = &["out", "outward", "outwards", "back", "backward", "backwards", "away"];

/// The first move that the prompt names.
pub(super) fn named_move(prompt: &str) -> Move {
    let lower = prompt.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    (0..words.len()).find_map(|at| move_at(&words, at)).unwrap_or(Move::GentlePushIn)
}

fn move_at(words: &[&str], at: usize) -> Option<Move> {
    let after = &words[at + 1..words.len().min(at + 1 + REACH)];
    let of_camera = words[at.saturating_sub(2)..at].iter().any(|word| CAMERAS.contains(word));
    if is_form_of(words[at], TURNS) {
        return Some(Move::Rotate { clockwise: !turns_left(after) });
    }
    if is_form_of(words[at], ZOOMS) {
        return along(after).or_else(|| bare_zoom(words[at]));
    }
    if is_form_of(words[at], PANS) || of_camera && is_form_of(words[at], CAMERA_VERBS) {
        return across(after).or_else(|| along(after));
    }
    None
}

/// "Zoom" and "dolly" alone mean inwards; to push or to pull needs a direction, since people push doors.
fn bare_zoom(word: &str) -> Option<Move> {
    is_form_of(word, &["zoom", "dolly"]).then_some(Move::ZoomIn)
}

fn along(after: &[&str]) -> Option<Move> {
    after.iter().find_map(|word| match word {
        word if INWARDS.contains(word) => Some(Move::ZoomIn),
        word if OUTWARDS.contains(word) => Some(Move::ZoomOut),
        _ => None,
    })
}

fn across(after: &[&str]) -> Option<Move> {
    after.iter().find_map(|word| match *word {
        "left" | "leftward" | "leftwards" => Some(Move::Pan(Direction::Left)),
        "right" | "rightward" | "rightwards" => Some(Move::Pan(Direction::Right)),
        "up" | "upward" | "upwards" => Some(Move::Pan(Direction::Up)),
        "down" | "downward" | "downwards" => Some(Move::Pan(Direction::Down)),
        _ => None,
    })
}

fn turns_left(after: &[&str]) -> bool {
    after.iter().any(|word| matches!(*word, "left" | "counterclockwise" | "anticlockwise" | "counter" | "anti"))
}

/// "pan", "pans", "panned", "panning" are forms of "pan"; "pancake" is not.
fn is_form_of(word: &str, verbs: &[&str]) -> bool {
    verbs.iter().any(|verb| {
        let stem = verb.strip_suffix(['e', 'y']).unwrap_or(verb);
        let Some(ending) = word.strip_prefix(stem) else { return false };
        word == *verb
            || matches!(ending, "s" | "es" | "ed" | "ing" | "ies" | "ied" | "ying")
            || ending
                .strip_suffix("ing")
                .or_else(|| ending.strip_suffix("ed"))
                .is_some_and(|doubled| doubled.len() == 1 && stem.ends_with(doubled))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_move_is_found() {
        let pan = Move::Pan;
        for (prompt, expected) in [
            ("slow zoom in on the lighthouse", Move::ZoomIn),
            ("The camera slowly zooms out", Move::ZoomOut),
            ("push in on her face", Move::ZoomIn),
            ("pull slowly back from the door", Move::ZoomOut),
            ("dolly out", Move::ZoomOut),
            ("dollying in", Move::ZoomIn),
            ("zoom", Move::ZoomIn),
            ("pan left across the bay", pan(Direction::Left)),
            ("panning slowly to the right", pan(Direction::Right)),
            ("tilt up to the sky", pan(Direction::Up)),
            ("Tilts down", pan(Direction::Down)),
            ("the camera moves gently left", pan(Direction::Left)),
            ("rotate around the statue", Move::Rotate { clockwise: true }),
            ("spinning counter-clockwise", Move::Rotate { clockwise: false }),
            ("pan right, then zoom in", pan(Direction::Right)),
        ] {
            assert_eq!(named_move(prompt), expected, "{prompt}");
        }
    }

    #[test]
    fn other_words_are_not_taken_for_a_move() {
        for prompt in [
            "waves break on the rocks",
            "a pancake on the left plate",
            "the boat moves left",
            "he pushes the door",
            "a span of years, right?",
            "",
        ] {
            assert_eq!(named_move(prompt), Move::GentlePushIn, "{prompt}");
        }
    }
}
