//! What callers see: the JSON objects of answers. Their fields are described in the README, and stay.

pub(crate) mod model;
pub(crate) mod task;

use videogen::{CostEstimate, Usd};

/// An amount as exact decimals in a text.
fn dollars(amount: Usd) -> String {
    amount.dollars().to_string()
}

/// An estimate likewise; `None` when it is unknown.
fn estimate(estimate: CostEstimate) -> Option<String> {
    estimate.upper_bound().map(dollars)
}
