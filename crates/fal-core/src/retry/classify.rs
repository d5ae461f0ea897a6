//! What happened, as far as sending again is concerned.

use http::StatusCode;

use crate::{Delivery, Idempotency};

/// How one exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An answer came.
    Answered {
        /// Its status.
        status: StatusCode,
        /// Whether `x-fal-request-timeout-type: user` says that the caller's own deadline ended the request.
        user_timeout: bool,
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
    Retry,
    /// There is no usable answer, and sending again may cost money or cannot help.
    GiveUp,
}

/// Judges an outcome by what repeating the request may cost.
///
/// For a billable request an answer counts only when it says clearly whether the request was taken: a redirect, a 408,
/// a 499 and a gateway's 5xx do not.
pub fn classify(outcome: Outcome, idempotency: Idempotency) -> Verdict {
    match (outcome, idempotency) {
        (Outcome::Failed(Delivery::NotSent), _) => Verdict::Retry,
        (Outcome::Failed(Delivery::Unknown), Idempotency::Safe) => Verdict::Retry,
        (Outcome::Failed(Delivery::Unknown), Idempotency::Billable) => Verdict::GiveUp,
        (Outcome::Answered { status, user_timeout }, idempotency) => match (status.as_u16(), idempotency) {
            (429, _) => Verdict::Retry,
            (504, Idempotency::Safe) if user_timeout => Verdict::Answered,
            (408 | 502 | 503 | 504, Idempotency::Safe) => Verdict::Retry,
            (_, Idempotency::Safe) | (200..=299 | 400..=407 | 409..=498, Idempotency::Billable) => Verdict::Answered,
            (_, Idempotency::Billable) => Verdict::GiveUp,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses_with(verdict: Verdict, idempotency: Idempotency, user_timeout: bool) -> Vec<u16> {
        let judged = |status: &u16| {
            let status = StatusCode::from_u16(*status).unwrap();
            classify(Outcome::Answered { status, user_timeout }, idempotency) == verdict
        };
        (100..=999).filter(judged).collect()
    }

    #[test]
    fn every_status_has_its_verdict() {
        for user_timeout in [false, true] {
            assert_eq!(statuses_with(Verdict::Retry, Idempotency::Billable, user_timeout), [429]);
            let unclear: Vec<u16> = (100..=199).chain(300..=399).chain([408]).chain(499..=999).collect();
            assert_eq!(statuses_with(Verdict::GiveUp, Idempotency::Billable, user_timeout), unclear);
            assert_eq!(statuses_with(Verdict::GiveUp, Idempotency::Safe, user_timeout), Vec::<u16>::new());
        }
        assert_eq!(statuses_with(Verdict::Retry, Idempotency::Safe, false), [408, 429, 502, 503, 504]);
        assert_eq!(statuses_with(Verdict::Retry, Idempotency::Safe, true), [408, 429, 502, 503]);
    }

    #[test]
    fn a_billable_request_is_never_repeated_once_it_may_have_arrived() {
        let table = [
            (Delivery::NotSent, Idempotency::Safe, Verdict::Retry),
            (Delivery::NotSent, Idempotency::Billable, Verdict::Retry),
            (Delivery::Unknown, Idempotency::Safe, Verdict::Retry),
            (Delivery::Unknown, Idempotency::Billable, Verdict::GiveUp),
        ];
        for (delivery, idempotency, verdict) in table {
            assert_eq!(classify(Outcome::Failed(delivery), idempotency), verdict, "{delivery:?} {idempotency:?}");
        }
    }
}
