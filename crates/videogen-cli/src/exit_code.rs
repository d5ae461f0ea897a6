//! What the program ends with. The table stands in the README and in `--help`.

use std::process::ExitCode;

use videogen::queue::CancelOutcome;
use videogen::{FailureKind, TaskStatus};

use crate::outcome::Outcome;

const SUCCESS: u8 = 0;
const UNEXPECTED: u8 = 1;
pub(crate) const MISTAKES: u8 = 2;
const KEY: u8 = 3;
const OUT_OF_REACH: u8 = 4;
const REFUSED_OR_FAILED: u8 = 5;
const CANNOT_STORE: u8 = 6;
const OUTCOME_UNKNOWN: u8 = 7;
const TIME_IS_OVER: u8 = 8;
const STOPPED: u8 = 130;

/// That of the first which did not succeed.
pub(crate) fn of_all(outcomes: &[Outcome]) -> ExitCode {
    ExitCode::from(outcomes.iter().map(of).find(|&code| code != SUCCESS).unwrap_or(SUCCESS))
}

fn of(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::NotSetUp(videogen::Error::NoKey { .. } | videogen::Error::HalfAKey { .. }) => KEY,
        Outcome::NotSetUp(_) | Outcome::Refused(_) => MISTAKES,
        Outcome::NotTakenIn(failure) => match of_failure(failure.kind) {
            UNEXPECTED => MISTAKES,
            code => code,
        },
        Outcome::Unexpected(_) => UNEXPECTED,
        Outcome::Cancelled(_, CancelOutcome::TooLate) => REFUSED_OR_FAILED,
        Outcome::Discarded(_) | Outcome::Planned { .. } | Outcome::Cancelled(..) => SUCCESS,
        Outcome::Ended(report) if report.task.status == TaskStatus::Completed => SUCCESS,
        Outcome::TimeIsOver(..) => TIME_IS_OVER,
        Outcome::Ended(report) => report.task.failure.as_ref().map_or(STOPPED, |failure| of_failure(failure.kind)),
    }
}

fn of_failure(kind: FailureKind) -> u8 {
    match kind {
        FailureKind::InvalidRequest | FailureKind::Configuration | FailureKind::OverBudget => MISTAKES,
        FailureKind::Unauthorized | FailureKind::ExhaustedBalance => KEY,
        FailureKind::RateLimited | FailureKind::Unreachable | FailureKind::Interrupted => OUT_OF_REACH,
        FailureKind::Rejected
        | FailureKind::ContentPolicy
        | FailureKind::GenerationFailed
        | FailureKind::NotFound
        | FailureKind::UnexpectedAnswer
        | FailureKind::BadVideo => REFUSED_OR_FAILED,
        FailureKind::Storage => CANNOT_STORE,
        FailureKind::Unconfirmed => OUTCOME_UNKNOWN,
        FailureKind::Stopped => STOPPED,
        _ => UNEXPECTED,
    }
}
