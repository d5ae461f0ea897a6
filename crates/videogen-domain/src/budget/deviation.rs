//! When a bill is higher than was expected.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{CostEstimate, Usd};

/// A video was billed higher than was expected: a price has changed, or the catalogue is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    /// The most that it was expected to cost.
    pub expected: Usd,
    /// What fal billed.
    pub billed: Usd,
}

impl Deviation {
    /// The deviation, when the bill exceeds the estimate's upper bound by more than `tolerance`, a share of that bound:
    /// 0.1 tolerates a tenth, 0 nothing. A lower bill is no deviation, for an upper bound need not be reached; nor is
    /// any bill for which there was no estimate.
    pub fn beyond(tolerance: Decimal, estimate: CostEstimate, billed: Usd) -> Option<Self> {
        let expected = estimate.upper_bound()?;
        (expected + expected * tolerance < billed).then_some(Self { expected, billed })
    }

    /// By how much the bill is too high.
    pub fn excess(&self) -> Usd {
        self.billed.saturating_sub(self.expected)
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fal billed {} for a video that was expected to cost {} at most", self.billed, self.expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deviation(tolerance: &str, estimate: &str, billed: &str) -> Option<Deviation> {
        let estimate = CostEstimate::Exact(estimate.parse().unwrap());
        Deviation::beyond(tolerance.parse().unwrap(), estimate, billed.parse().unwrap())
    }

    #[test]
    fn only_a_bill_beyond_the_tolerance_is_told() {
        for (tolerance, estimate, billed) in [("0", "0.28", "0.28"), ("0.1", "0.30", "0.33"), ("0", "0.28", "0.10")] {
            assert_eq!(deviation(tolerance, estimate, billed), None, "{billed}");
        }
        for (tolerance, estimate, billed) in [("0", "0.28", "0.280001"), ("0.1", "0.30", "0.331"), ("5", "0", "0.01")] {
            assert!(deviation(tolerance, estimate, billed).is_some(), "{billed}");
        }
        assert_eq!(Deviation::beyond(Decimal::ZERO, CostEstimate::Unknown, "1".parse().unwrap()), None);
    }

    #[test]
    fn it_says_what_was_billed_and_what_was_expected() {
        let deviation = deviation("0.1", "0.28", "0.56").unwrap();
        assert_eq!(deviation.excess().to_string(), "$0.28");
        assert_eq!(deviation.to_string(), "fal billed $0.56 for a video that was expected to cost $0.28 at most");
    }
}
