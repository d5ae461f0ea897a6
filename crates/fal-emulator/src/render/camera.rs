//! Where the camera looks at each moment of a move. Every move starts with the whole picture.

use crate::render::prompt::{Direction, Move, named_move};

/// The view of one frame, relative to the whole picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    /// Magnification; above 1 the view shows less than the picture.
    pub(super) zoom: f64,
    /// How far the centre is off the picture's, in frame widths and heights; right and down are positive.
    pub(super) offset: (f64, f64),
    /// Radians that the camera is turned; the scene turns the other way.
    pub(super) angle: f64,
}

/// A camera on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Camera {
    plan: Move,
}

/// How near a zoom comes.
pub(super) const NEAREST: f64 = 1.35;
const FARTHEST: f64 = 1.0 / NEAREST;
const GENTLE: f64 = 1.1;
/// The magnification that gives a pan room to travel.
const PAN_ZOOM: f64 = 1.3;
/// The part of a pan's time in which it gets to its starting edge.
const PAN_APPROACH: f64 = 0.3;
/// 12 degrees.
const TURN: f64 = std::f64::consts::PI / 15.0;

impl Camera {
    pub(super) fn named_in(prompt: &str) -> Self {
        Self { plan: named_move(prompt) }
    }

    /// The view at a time between 0, the whole picture, and 1, the end.
    pub(super) fn view(&self, time: f64) -> View {
        let still = View { zoom: 1.0, offset: (0.0, 0.0), angle: 0.0 };
        let eased = ease(time);
        match self.plan {
            // Equal factors in equal times look even, so the exponent is eased.
            Move::ZoomIn => View { zoom: NEAREST.powf(eased), ..still },
            Move::ZoomOut => View { zoom: FARTHEST.powf(eased), ..still },
            Move::GentlePushIn => View { zoom: GENTLE.powf(eased), ..still },
            Move::Rotate { clockwise } => View { angle: if clockwise { TURN } else { -TURN } * eased, ..still },
            Move::Pan(direction) => pan(direction, time),
        }
    }
}

/// Pushes in towards the edge opposite to the direction, then travels to the other one.
fn pan(direction: Direction, time: f64) -> View {
    let approach = ease(time / PAN_APPROACH);
    let travel = ease((time - PAN_APPROACH) / (1.0 - PAN_APPROACH));
    let zoom = PAN_ZOOM.powf(approach);
    let room = (1.0 - 1.0 / zoom) / 2.0;
    let along = room * (2.0 * travel - 1.0);
    let offset = match direction {
        Direction::Right => (along, 0.0),
        Direction::Left => (-along, 0.0),
        Direction::Down => (0.0, along),
        Direction::Up => (0.0, -along),
    };
    View { zoom, offset, angle: 0.0 }
}

/// 0 to 1 with no jerk at either end.
fn ease(time: f64) -> f64 {
    let t = time.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPTS: [&str; 8] =
        ["zoom in", "zoom out", "pan left", "pan right", "pan up", "pan down", "rotate", "waves"];

    #[test]
    fn every_move_starts_with_the_picture_as_it_is_and_ends_elsewhere() {
        for prompt in PROMPTS {
            let camera = Camera::named_in(prompt);
            assert_eq!(camera.view(0.0), View { zoom: 1.0, offset: (0.0, 0.0), angle: 0.0 }, "{prompt}");
            assert_ne!(camera.view(1.0), camera.view(0.0), "{prompt}");
        }
    }

    #[test]
    fn no_move_jumps() {
        for prompt in PROMPTS {
            let camera = Camera::named_in(prompt);
            let views: Vec<View> = (0..120).map(|frame| camera.view(f64::from(frame) / 119.0)).collect();
            for pair in views.windows(2) {
                assert!((pair[1].zoom - pair[0].zoom).abs() < 0.02, "{prompt}");
                assert!((pair[1].offset.0 - pair[0].offset.0).abs() < 0.01, "{prompt}");
                assert!((pair[1].offset.1 - pair[0].offset.1).abs() < 0.01, "{prompt}");
            }
        }
    }

    #[test]
    fn a_pan_ends_at_the_edge_it_is_named_for_and_stays_in_the_picture() {
        let end = |prompt: &str| Camera::named_in(prompt).view(1.0).offset;
        assert!(end("pan right").0 > 0.1 && end("pan left").0 < -0.1);
        assert!(end("pan down").1 > 0.1 && end("pan up").1 < -0.1);
        for frame in 0..=100 {
            let view = Camera::named_in("pan right").view(f64::from(frame) / 100.0);
            assert!(view.offset.0.abs() + 0.5 / view.zoom <= 0.5 + 1e-9);
        }
    }
}
