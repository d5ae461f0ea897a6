//! `cargo xtask test`: all tests of the workspace, doc tests included.

use crate::{
    command::{Failure, Outcome},
    step,
};

/// Needs nothing but Rust; the tests bring their own fal.
pub(crate) fn run() -> Outcome {
    step::cargo(&["test", "--workspace", "--all-features"], &[]).map_err(Failure::Check)
}
