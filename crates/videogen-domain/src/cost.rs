//! What a request is expected to cost.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Usd;

/// What a request is expected to cost, in USD. Unknown is a value of its own: it is never taken for zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostEstimate {
    /// The catalogue's price fixes the cost.
    Exact(Usd),
    /// The request leaves something to the model; the cost is this at most.
    UpTo(Usd),
    /// The price of this request is not known.
    Unknown,
}

impl CostEstimate {
    /// The most that the request can cost, when that is known.
    pub fn upper_bound(self) -> Option<Usd> {
        match self {
            Self::Exact(amount) | Self::UpTo(amount) => Some(amount),
            Self::Unknown => None,
        }
    }
}

impl fmt::Display for CostEstimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(amount) => amount.fmt(f),
            Self::UpTo(amount) => write!(f, "up to {amount}"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}
