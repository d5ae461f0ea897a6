//! How much may be spent, and whether a video fits into it.

mod decision;
mod deviation;
mod ledger;

pub use decision::{Decision, Limit, Refusal};
pub use deviation::Deviation;
pub use ledger::Ledger;

use crate::{CostEstimate, Usd};

/// How much may be spent, in USD. `None`, the default of each limit, limits nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// The most that one video may cost.
    pub per_request: Option<Usd>,
    /// The most that the videos of one project may cost together.
    pub per_project: Option<Usd>,
    /// The most that the videos of one day may cost together; who keeps the ledgers says when a day begins.
    pub per_day: Option<Usd>,
    /// The most that all videos may cost together.
    pub overall: Option<Usd>,
    /// What is done when it is not known what a video costs. Default: it is refused where there is a limit.
    pub unknown_cost: UnknownCost,
}

/// What is done when it is not known what a video costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownCost {
    /// It is refused wherever a limit applies.
    #[default]
    Refuse,
    /// This amount is reserved for it, as if it were the estimate.
    Reserve(Usd),
}

/// The ledgers that a video is booked in, as they stand when it is decided about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledgers {
    /// Its project's; `None` when it belongs to none, and then the limit per project does not apply.
    pub project: Option<Ledger>,
    /// The day's.
    pub day: Ledger,
    /// That of all videos.
    pub overall: Ledger,
}

impl Budget {
    /// Whether a video of this estimate may be made; if so, how much to reserve for it: the most that it can cost.
    ///
    /// The decision holds for the ledgers as they are given, so it is taken, and the amount reserved in each of them,
    /// in one transaction: two decisions on the same figures would sell the same dollar twice.
    pub fn decide(&self, ledgers: &Ledgers, estimate: CostEstimate) -> Decision {
        let needed = estimate.upper_bound().or(match self.unknown_cost {
            UnknownCost::Reserve(amount) => Some(amount),
            UnknownCost::Refuse => None,
        });
        let Some((limit, allowed, left)) = self.tightest(ledgers) else {
            return Decision::Allowed { reserve: needed.unwrap_or(Usd::ZERO) };
        };
        match needed {
            Some(needed) if needed <= left => Decision::Allowed { reserve: needed },
            _ => Decision::Refused(Refusal { limit, allowed, left, needed }),
        }
    }

    /// Whether anything is limited.
    pub fn has_limits(&self) -> bool {
        [self.per_request, self.per_project, self.per_day, self.overall].iter().any(Option::is_some)
    }

    /// The limit of which the least is left, the narrower of two alike, with what is left of it.
    fn tightest(&self, ledgers: &Ledgers) -> Option<(Limit, Usd, Usd)> {
        let limits = [
            (Limit::Request, self.per_request, Some(Ledger::default())),
            (Limit::Project, self.per_project, ledgers.project),
            (Limit::Day, self.per_day, Some(ledgers.day)),
            (Limit::Overall, self.overall, Some(ledgers.overall)),
        ];
        limits
            .into_iter()
            .filter_map(|(limit, allowed, ledger)| Some((limit, allowed?, ledger?.left_of(allowed?))))
            .min_by_key(|(_, _, left)| *left)
    }
}

#[cfg(test)]
mod tests;
