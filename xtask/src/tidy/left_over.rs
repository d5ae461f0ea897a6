//! Nothing that belongs to one machine or to unfinished work stays in the tree.

use super::Tree;

// Written in two parts, so that this file does not hold what it looks for.
const MACHINE_PATHS: &[&str] =
    &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];
const REMINDERS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

/// Lines with a path of somebody's machine, or with a reminder instead of the work.
pub(super) fn offences(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in tree.texts() {
        for (index, line) in text.lines().enumerate() {
            for machine in MACHINE_PATHS.iter().filter(|machine| has_path(line, machine)) {
                let line = index + 1;
                found.push(format!(
                    "{path}:{line}: names a path of one machine ({machine}…); write it relative to the repository."
                ));
            }
            for reminder in REMINDERS.iter().filter(|reminder| has_word(line, reminder)) {
                found.push(format!(
                    "{path}:{}: says {reminder}; do it now, or open an issue and remove the word.",
                    index + 1
                ));
            }
        }
    }
    found
}

/// `https://host/home/` and `docs/home/` are not paths from the root of a disk.
fn has_path(line: &str, path: &str) -> bool {
    line.match_indices(path)
        .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || "._-}>)".contains(before)))
}

fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |neighbour: char| neighbour.is_alphanumeric() || neighbour == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(part_of_word) && !line[at + word.len()..].starts_with(part_of_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_in(line: &str) -> Vec<String> {
        offences(&Tree::from([("docs/a.md", format!("First line.\n{line}\n").as_str())]))
    }

    #[test]
    fn a_path_of_one_machine_is_named_with_its_line() {
        for machine in MACHINE_PATHS {
            for line in [format!("{machine}x"), format!("see `{machine}x`"), format!("file://{machine}x")] {
                let found = found_in(&line);
                assert_eq!(found.len(), 1, "{line}");
                assert!(found[0].starts_with("docs/a.md:2: ") && found[0].contains(machine), "{found:?}");
            }
        }
    }

    #[test]
    fn an_address_or_a_relative_path_with_the_same_letters_passes() {
        for machine in MACHINE_PATHS {
            for line in [format!("https://example.com{machine}x"), format!("docs{machine}x"), format!("..{machine}x")] {
                assert_eq!(found_in(&line), [""; 0], "{line}");
            }
        }
    }

    #[test]
    fn a_reminder_is_named_and_a_word_that_contains_one_is_not() {
        for reminder in REMINDERS {
            assert_eq!(found_in(&format!("// {reminder}: later")).len(), 1);
            for harmless in [format!("{reminder}S"), format!("A_{reminder}"), reminder.to_lowercase()] {
                assert_eq!(found_in(&harmless), [""; 0], "{harmless}");
            }
        }
    }
}
