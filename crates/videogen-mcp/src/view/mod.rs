//! What clients see: the objects in structured results. Their fields are described by the tools' schemas, and stay.

pub(crate) mod model;
pub(crate) mod task;

use videogen::{CostEstimate, Usd};

/// An amount as exact decimals in a text.
pub(crate) fn dollars(amount: Usd) -> String {
    amount.dollars().to_string()
}

/// An estimate likewise; `None` when it is unknown.
pub(crate) fn estimate(estimate: CostEstimate) -> Option<String> {
    estimate.upper_bound().map(dollars)
}
