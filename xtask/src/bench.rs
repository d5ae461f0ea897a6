//! `cargo xtask bench …`: measures, and prints ratios within one run. Never a test: a figure depends on the machine.

use crate::{
    command::{Failure, Outcome},
    step,
};

/// What can be measured.
pub(crate) const EMULATOR: &str = "emulator";

/// Runs each named benchmark; without a name, all of them.
pub(crate) fn run(names: &[String]) -> Outcome {
    if names.is_empty() || names.iter().any(|name| name == EMULATOR) {
        step::cargo(&["bench", "--package", "fal-emulator", "--all-features", "--bench", "load"], &[])
            .map_err(Failure::Check)?;
    }
    Ok(())
}
