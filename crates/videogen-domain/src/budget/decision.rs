//! The answer of a budget: go ahead with so much set aside, or no, and what is left.

use std::fmt;

use crate::{Recovery, Usd};

/// What a budget says to a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It may be made.
    Allowed {
        /// How much is to be reserved for it, in every ledger that was asked. Nothing when its cost is not known, no
        /// limit applies and the budget names no amount for such costs: then the ledgers do not count it before its bill.
        reserve: Usd,
    },
    /// It may not be made.
    Refused(Refusal),
}

/// What a limit of a budget is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// One video.
    Request,
    /// All videos of a project.
    Project,
    /// All videos of a day.
    Day,
    /// All videos.
    Overall,
}

impl Limit {
    /// A stable name for programs, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Project => "project",
            Self::Day => "day",
            Self::Overall => "overall",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "limit for one video",
            Self::Project => "project's limit",
            Self::Day => "day's limit",
            Self::Overall => "overall limit",
        })
    }
}

/// Why a video may not be made: the tightest limit, and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The limit of which the least is left.
    pub limit: Limit,
    /// The limit itself.
    pub allowed: Usd,
    /// What is left of it, and so the most that a video may cost now.
    pub left: Usd,
    /// What would have to be reserved; `None` when the cost is not known.
    pub needed: Option<Usd>,
}

impl Refusal {
    /// What to do next, in a sentence.
    pub fn advice(&self) -> String {
        if self.needed.is_none() {
            return "Choose a model whose price is known, or name in the budget an amount to reserve for unknown costs."
                .to_owned();
        }
        let wait = if self.recovery() == Recovery::Later { "Wait for the next day, choose" } else { "Choose" };
        format!("{wait} a shorter video or a cheaper model, or raise the {}.", self.limit)
    }

    /// Whether trying again can help: only a new day brings something new by itself, and only if a whole day's limit
    /// is enough.
    pub fn recovery(&self) -> Recovery {
        let another_day_helps = self.limit == Limit::Day && self.needed.is_some_and(|needed| needed <= self.allowed);
        if another_day_helps { Recovery::Later } else { Recovery::Never }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, allowed, left, needed } = self;
        match needed {
            Some(needed) => write!(f, "the video needs {needed}, and ")?,
            None => f.write_str("it is not known what the video costs, and ")?,
        }
        if left == allowed {
            write!(f, "the {limit} is {allowed}")
        } else {
            write!(f, "{left} is left of the {limit} of {allowed}")
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(limit: Limit, needed: Option<&str>) -> Refusal {
        let usd = |text: &str| text.parse().unwrap();
        Refusal { limit, allowed: usd("5"), left: usd("0.10"), needed: needed.map(usd) }
    }

    #[test]
    fn a_refusal_says_what_is_left_and_what_to_do() {
        let day = refusal(Limit::Day, Some("0.28"));
        assert_eq!(day.to_string(), "the video needs $0.28, and $0.10 is left of the day's limit of $5.00");
        let advice = "Wait for the next day, choose a shorter video or a cheaper model, or raise the day's limit.";
        assert_eq!(day.advice(), advice);

        let request = Refusal { left: day.allowed, ..refusal(Limit::Request, Some("14")) };
        assert_eq!(request.to_string(), "the video needs $14.00, and the limit for one video is $5.00");

        let unknown = refusal(Limit::Overall, None);
        let words = "it is not known what the video costs, and $0.10 is left of the overall limit of $5.00";
        assert_eq!(unknown.to_string(), words);
        assert!(unknown.advice().starts_with("Choose a model whose price is known"), "{}", unknown.advice());
    }

    #[test]
    fn waiting_is_advised_only_where_it_helps() {
        for (limit, needed, recovery) in [
            (Limit::Day, Some("5"), Recovery::Later),
            (Limit::Day, Some("5.01"), Recovery::Never),
            (Limit::Day, None, Recovery::Never),
            (Limit::Request, Some("0.28"), Recovery::Never),
            (Limit::Project, Some("0.28"), Recovery::Never),
            (Limit::Overall, Some("0.28"), Recovery::Never),
        ] {
            let refusal = refusal(limit, needed);
            assert_eq!(refusal.recovery(), recovery, "{refusal}");
            assert_eq!(refusal.advice().starts_with("Wait"), recovery == Recovery::Later, "{refusal}");
        }
    }
}
