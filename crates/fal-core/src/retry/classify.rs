//! What happened, as far as sending again is concerned.

use std::time::Duration;

use http::StatusCode;

use super::ServerHints;
use crate::{Delivery, Idempotency};

/// How one exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An answer came.
    Answered {
        /// Its status.
        status: StatusCode,
        /// What its headers advise.
        hints: ServerHints,
    },
    /// No answer came.
    Failed(Delivery),
}

/// What the outcome allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// There is an answer to work with, good or bad.
    Answered,
    /// Sending again is safe and may help.
    Retry {
        /// How long the server asks to be left alone.
        after: Option<Duration>,
    },
    /// There is no usable answer, and sending again may cost money or cannot help.
    GiveUp,
}

/// Judges an outcome by what repeating the request may cost.
///
/// For a billable request an answer counts only when it says clearly whether the request was taken: a redirect, a 408,
/// a 499 and a gateway's 5xx do not, whatever their headers advise. fal's advice counts for 429 and 5xx; a 504 that
/// says that the caller's own deadline has passed is never repeated.
pub fn classify(outcome: Outcome, idempotency: Idempotency) -> Verdict {
    use Idempotency::{Billable, Safe};
    let (status, hints) = match (outcome, idempotency) {
        (Outcome::Failed(Delivery::NotSent), _) | (Outcome::Failed(Delivery::Unknown), Safe) => {
            return Verdict::Retry { after: None };
        }
        (Outcome::Failed(Delivery::Unknown), Billable) => return Verdict::GiveUp,
        (Outcome::Answered { status, hints }, _) => (status.as_u16(), hints),
    };
    let advised = |without_advice: bool| match hints.retryable.unwrap_or(without_advice) {
        true => Verdict::Retry { after: hints.retry_after },
        false => Verdict::Answered,
    };
    match (status, idempotency) {
        (504, Safe) if hints.user_timeout => Verdict::Answered,
        (429, _) => advised(true),
        (408, Safe) => Verdict::Retry { after: hints.retry_after },
        (500..=599, Safe) => advised((502..=504).contains(&status)),
        (_, Safe) | (200..=299 | 400..=407 | 409..=498, Billable) => Verdict::Answered,
        (_, Billable) => Verdict::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Verdict = Verdict::Retry { after: None };

    /// The statuses that get a verdict; there are others than 100 to 599 on the wire.
    fn statuses_with(verdict: Verdict, idempotency: Idempotency, hints: ServerHints) -> Vec<u16> {
        let judged = |status: &u16| {
            let status = StatusCode::from_u16(*status).unwrap();
            classify(Outcome::Answered { status, hints }, idempotency) == verdict
        };
        (100..=999).filter(judged).collect()
    }

    fn hints(user_timeout: bool, retryable: Option<bool>) -> ServerHints {
        ServerHints { user_timeout, retryable, retry_after: None }
    }

    #[test]
    fn every_status_of_a_submit_has_its_verdict() {
        for user_timeout in [false, true] {
            for (retryable, repeated) in [(None, vec![429]), (Some(true), vec![429]), (Some(false), vec![])] {
                let hints = hints(user_timeout, retryable);
                assert_eq!(statuses_with(RETRY, Idempotency::Billable, hints), repeated, "{hints:?}");
                let unclear: Vec<u16> = (100..=199).chain(300..=399).chain([408]).chain(499..=999).collect();
                assert_eq!(statuses_with(Verdict::GiveUp, Idempotency::Billable, hints), unclear, "{hints:?}");
            }
        }
    }

    #[test]
    fn every_status_of_a_read_has_its_verdict() {
        let all_faults: Vec<u16> = [408, 429].into_iter().chain(500..=599).collect();
        let but_504: Vec<u16> = all_faults.iter().copied().filter(|status| *status != 504).collect();
        for (user_timeout, retryable, repeated) in [
            (false, None, vec![408, 429, 502, 503, 504]),
            (true, None, vec![408, 429, 502, 503]),
            (false, Some(true), all_faults),
            (true, Some(true), but_504),
            (false, Some(false), vec![408]),
            (true, Some(false), vec![408]),
        ] {
            let hints = hints(user_timeout, retryable);
            assert_eq!(statuses_with(RETRY, Idempotency::Safe, hints), repeated, "{hints:?}");
            assert_eq!(statuses_with(Verdict::GiveUp, Idempotency::Safe, hints), Vec::<u16>::new());
        }
    }

    #[test]
    fn a_billable_request_is_never_repeated_once_it_may_have_arrived() {
        let table = [
            (Delivery::NotSent, Idempotency::Safe, RETRY),
            (Delivery::NotSent, Idempotency::Billable, RETRY),
            (Delivery::Unknown, Idempotency::Safe, RETRY),
            (Delivery::Unknown, Idempotency::Billable, Verdict::GiveUp),
        ];
        for (delivery, idempotency, verdict) in table {
            assert_eq!(classify(Outcome::Failed(delivery), idempotency), verdict, "{delivery:?} {idempotency:?}");
        }
    }

    #[test]
    fn the_servers_wish_comes_with_every_retry_that_is_answered() {
        let after = Some(Duration::from_secs(7));
        let hints = ServerHints { retry_after: after, ..ServerHints::default() };
        assert_eq!(statuses_with(Verdict::Retry { after }, Idempotency::Safe, hints), [408, 429, 502, 503, 504]);
        assert_eq!(statuses_with(Verdict::Retry { after }, Idempotency::Billable, hints), [429]);
    }
}
