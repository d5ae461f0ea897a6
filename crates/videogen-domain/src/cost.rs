//! What a request is expected to cost.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Usd, Violation, ViolationCode};

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

    /// What is wrong where several videos, `what`, cost this together and may cost `most`.
    pub(crate) fn beyond(self, most: Usd, what: &str) -> Option<Violation> {
        let message = match self.upper_bound() {
            Some(cost) if cost <= most => return None,
            Some(cost) => format!("{what} would cost up to {cost} together and may cost {most}"),
            None => format!("what {what} cost together is unknown and may be {most} at most"),
        };
        Some(Violation::new("max_cost", ViolationCode::OverBudget, message))
    }
}

/// What several videos cost together: unknown where one of them is.
impl std::iter::Sum for CostEstimate {
    fn sum<I: Iterator<Item = Self>>(estimates: I) -> Self {
        estimates.fold(Self::Exact(Usd::ZERO), |total, estimate| match (total, estimate) {
            (Self::Exact(sum), Self::Exact(cost)) => Self::Exact(sum + cost),
            (sum, cost) => match (sum.upper_bound(), cost.upper_bound()) {
                (Some(sum), Some(cost)) => Self::UpTo(sum + cost),
                _ => Self::Unknown,
            },
        })
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
