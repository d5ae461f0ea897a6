//! `cargo xtask torture`: kills processes that make videos, and puts what came of it into the documentation.

use std::fs;

use crate::{
    bench::document,
    command::{Failure, Outcome},
    step,
    workspace::{root, target},
};

/// Kills fewer, and leaves the documentation as it is.
pub(crate) const SMALL: &str = "--small";

/// Random kills for each store.
const KILLS: &str = "1000";
const FEW_KILLS: &str = "50";

/// Runs all of it; what was paid twice or lost fails it.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    torture(arguments.iter().any(|argument| argument == SMALL)).map_err(Failure::Check)
}

fn torture(is_small: bool) -> Result<(), String> {
    let table = target()?.join("torture.md");
    let file = table.to_string_lossy();
    let kills = if is_small { FEW_KILLS } else { KILLS };
    step::cargo(&["run", "--release", "--package", "videogen-torture", "--", kills, &file], &[])?;
    if is_small {
        return Ok(());
    }
    let page = root().join("docs/reliability.md");
    let unpublished = |error: std::io::Error| format!("The figures could not be put into the documentation: {error}.");
    let figures = fs::read_to_string(&table).map_err(unpublished)?;
    let old = fs::read_to_string(&page).map_err(unpublished)?;
    fs::write(&page, document::with_figures(&old, "torture", &figures)?).map_err(unpublished)
}
