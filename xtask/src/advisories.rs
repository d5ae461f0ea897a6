//! `cargo xtask advisories`: looks the dependencies up in the RustSec database.
//!
//! Apart from `ci`, because it has to fetch that database and build machines may have no network.

use crate::{
    ci,
    command::{Failure, Outcome},
    step,
};

/// Fails on a known vulnerability that `deny.toml` does not excuse.
pub(crate) fn run() -> Outcome {
    ci::require_cargo_deny().and_then(|()| step::cargo(&["deny", "check", "advisories"], &[])).map_err(Failure::Check)
}
