//! What an exchange says about the health of all that it touched. Pure.

use http::StatusCode;

use super::state::Event;
use crate::call::{Answer, Speaker};
use crate::{ApiError, Delivery, ErrorKind, Idempotency, Outcome, Verdict, classify};

/// What an exchange says about the health of all that it touched: one event for each circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Evidence {
    pub(super) host: Event,
    pub(super) key: Event,
    pub(super) balance: Event,
    /// Counts once for a call, not for each attempt: a model's failure reads the same each time.
    pub(super) endpoint: Event,
    /// Whether the answers to submits come back. Counts once for a call, too.
    pub(super) submits: Event,
    /// Whether a connection broke, which takes all calls with it that were under way on it.
    pub(super) is_broken_connection: bool,
}

/// What was asked, as far as health is concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    pub(crate) idempotency: Idempotency,
    pub(crate) speaker: Speaker,
    /// Whether fal's key went with it.
    pub(crate) with_key: bool,
}

impl Evidence {
    /// Reads an outcome; `answer` is there when it is one.
    pub(crate) fn of(question: Question, outcome: Outcome, answer: Option<&Answer>) -> Self {
        if question.speaker == Speaker::Stranger {
            return NOTHING;
        }
        let lost = classify(outcome, question.idempotency) == Verdict::GiveUp;
        let (status, hints) = match outcome {
            Outcome::Failed(delivery) => {
                let submits = if lost { Event::Failed } else { Event::Inconclusive };
                let is_broken_connection = delivery == Delivery::Unknown;
                return Self { host: Event::Failed, submits, is_broken_connection, ..NOTHING };
            }
            Outcome::Answered { status, hints } => (status.as_u16(), hints),
        };
        if hints.user_timeout {
            return NOTHING;
        }
        let by_model = question.speaker == Speaker::Model && answer.is_some_and(|answer| answer.request_id().is_some());
        let refused = answer.filter(|_| question.with_key).and_then(refused);
        Self {
            host: host(status, by_model),
            key: if question.with_key { key(status, refused) } else { Event::Inconclusive },
            balance: balance(question, status, refused),
            endpoint: endpoint(question, status, by_model),
            submits: if lost { Event::Failed } else { submits(question, status) },
            is_broken_connection: false,
        }
    }
}

fn host(status: u16, by_model: bool) -> Event {
    match status {
        // Too many requests, or a key: the host may be well or ill.
        401 | 408 | 429 => Event::Inconclusive,
        200..=299 | 400..=498 => Event::Succeeded,
        // What a model answers is no fault of the host that delivers it.
        500..=599 if !by_model => Event::Failed,
        _ => Event::Inconclusive,
    }
}

fn key(status: u16, refused: Option<Refused>) -> Event {
    match status {
        _ if refused == Some(Refused::Key) => Event::Failed,
        401 | 408 | 429 => Event::Inconclusive,
        200..=299 | 400..=498 => Event::Succeeded,
        _ => Event::Inconclusive,
    }
}

fn balance(question: Question, status: u16, refused: Option<Refused>) -> Event {
    let paid = question.idempotency == Idempotency::Billable && question.with_key;
    match status {
        _ if refused == Some(Refused::Balance) => Event::Failed,
        // Reads go on without a balance, so that only a submit proves that there is one.
        200..=299 if paid => Event::Succeeded,
        _ => Event::Inconclusive,
    }
}

fn endpoint(question: Question, status: u16, by_model: bool) -> Event {
    match (status, question.speaker, question.idempotency) {
        (200..=299, Speaker::Model, _) => Event::Succeeded,
        (500..=599, Speaker::Model, _) if by_model => Event::Failed,
        // The queue took or refused it. Whether the model works is another question.
        (_, _, Idempotency::Billable) | (401 | 408 | 429, _, _) => Event::Inconclusive,
        (200..=299 | 400..=498, _, Idempotency::Safe) => Event::Answered,
        _ => Event::Inconclusive,
    }
}

fn submits(question: Question, status: u16) -> Event {
    match (status, question.idempotency) {
        (401 | 408 | 429, _) => Event::Inconclusive,
        // Taken or refused: the answer came.
        (200..=299 | 400..=498, Idempotency::Billable) => Event::Succeeded,
        (200..=299 | 400..=498, Idempotency::Safe) => Event::Answered,
        _ => Event::Inconclusive,
    }
}

const NOTHING: Evidence = Evidence {
    host: Event::Inconclusive,
    key: Event::Inconclusive,
    balance: Event::Inconclusive,
    endpoint: Event::Inconclusive,
    submits: Event::Inconclusive,
    is_broken_connection: false,
};

/// What an answer refuses as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Key,
    Balance,
}

fn refused(answer: &Answer) -> Option<Refused> {
    if ![StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status) {
        return None;
    }
    let error = ApiError::from_answer(answer);
    match error.kind() {
        ErrorKind::ExhaustedBalance => Some(Refused::Balance),
        // One application that this key may not use says nothing about the others.
        _ if answer.status == StatusCode::UNAUTHORIZED && !error.is_about_one_application() => Some(Refused::Key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::ServerHints;

    const SUBMIT: Question = Question { idempotency: Idempotency::Billable, speaker: Speaker::Fal, with_key: true };
    const STATUS: Question = Question { idempotency: Idempotency::Safe, ..SUBMIT };
    const RESULT: Question = Question { speaker: Speaker::Model, ..STATUS };
    const RUN: Question = Question { speaker: Speaker::Model, ..SUBMIT };
    const FILE: Question = Question { with_key: false, ..STATUS };
    const ALL: [Question; 5] = [SUBMIT, STATUS, RESULT, RUN, FILE];

    fn answer(status: u16, by_fal: bool, detail: &str) -> Answer {
        let id = by_fal.then_some(("x-fal-request-id".parse().unwrap(), HeaderValue::from_static("r-1")));
        let body = Bytes::from(format!(r#"{{"detail":"{detail}"}}"#));
        Answer { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::from_iter(id), body }
    }

    fn read(question: Question, answer: &Answer, user_timeout: bool) -> Evidence {
        let hints = ServerHints { user_timeout, ..ServerHints::default() };
        Evidence::of(question, Outcome::Answered { status: answer.status, hints }, Some(answer))
    }

    /// The statuses that are this event for a circuit.
    fn statuses(question: Question, by_fal: bool, circuit: fn(Evidence) -> Event, event: Event) -> Vec<u16> {
        let is = |status: &u16| circuit(read(question, &answer(*status, by_fal, ""), false)) == event;
        (100..=999).filter(is).collect()
    }

    fn range(ranges: &[(u16, u16)]) -> Vec<u16> {
        ranges.iter().flat_map(|(first, last)| *first..=*last).collect()
    }

    const SUCCESS: (u16, u16) = (200, 299);
    const FAULT: (u16, u16) = (500, 599);
    /// The mistakes of a caller: all 4xx but 401, 408, 429 and 499.
    const MISTAKES: [(u16, u16); 4] = [(400, 400), (402, 407), (409, 428), (430, 498)];

    fn with_mistakes(more: (u16, u16)) -> Vec<u16> {
        range(&[&[more][..], &MISTAKES].concat())
    }

    #[test]
    fn a_host_fails_by_every_5xx_but_a_models_own_and_is_well_when_it_answers_otherwise() {
        for question in ALL {
            for by_fal in [false, true] {
                let host = |event| statuses(question, by_fal, |evidence| evidence.host, event);
                let failures = if question.speaker == Speaker::Model && by_fal { vec![] } else { range(&[FAULT]) };
                assert_eq!(host(Event::Failed), failures, "{question:?} {by_fal}");
                assert_eq!(host(Event::Succeeded), with_mistakes(SUCCESS), "{question:?} {by_fal}");
                assert_eq!(host(Event::Answered), Vec::<u16>::new());
            }
        }
    }

    #[test]
    fn submits_fail_by_unclear_answers_and_are_well_by_clear_ones() {
        let unclear = range(&[(100, 199), (300, 399), (408, 408), (499, 999)]);
        for question in ALL {
            for by_fal in [false, true] {
                let submits = |event| statuses(question, by_fal, |evidence| evidence.submits, event);
                let (failed, succeeded, answered) = match question.idempotency {
                    Idempotency::Billable => (unclear.clone(), with_mistakes(SUCCESS), vec![]),
                    Idempotency::Safe => (vec![], vec![], with_mistakes(SUCCESS)),
                };
                assert_eq!(submits(Event::Failed), failed, "{question:?}");
                assert_eq!(submits(Event::Succeeded), succeeded, "{question:?}");
                assert_eq!(submits(Event::Answered), answered, "{question:?}");
            }
        }
    }

    #[test]
    fn an_endpoint_fails_and_is_well_by_what_its_model_answers() {
        let endpoint = |question, by_fal, event| statuses(question, by_fal, |evidence| evidence.endpoint, event);
        let none = Vec::<u16>::new();
        for (question, by_fal, failed, succeeded, answered) in [
            (SUBMIT, false, none.clone(), none.clone(), none.clone()),
            (SUBMIT, true, none.clone(), none.clone(), none.clone()),
            (RUN, false, none.clone(), range(&[SUCCESS]), none.clone()),
            (RUN, true, range(&[FAULT]), range(&[SUCCESS]), none.clone()),
            (STATUS, false, none.clone(), none.clone(), with_mistakes(SUCCESS)),
            (STATUS, true, none.clone(), none.clone(), with_mistakes(SUCCESS)),
            (RESULT, false, none.clone(), range(&[SUCCESS]), range(&MISTAKES)),
            (RESULT, true, range(&[FAULT]), range(&[SUCCESS]), range(&MISTAKES)),
        ] {
            assert_eq!(endpoint(question, by_fal, Event::Failed), failed, "{question:?} {by_fal}");
            assert_eq!(endpoint(question, by_fal, Event::Succeeded), succeeded, "{question:?} {by_fal}");
            assert_eq!(endpoint(question, by_fal, Event::Answered), answered, "{question:?} {by_fal}");
        }
    }

    #[test]
    fn the_key_fails_by_401_alone_and_the_balance_by_no_status_alone() {
        for question in ALL {
            let key = |event| statuses(question, true, |evidence| evidence.key, event);
            let (failed, succeeded) =
                if question.with_key { (vec![401], with_mistakes(SUCCESS)) } else { (vec![], vec![]) };
            assert_eq!((key(Event::Failed), key(Event::Succeeded)), (failed, succeeded), "{question:?}");
            let balance = |event| statuses(question, true, |evidence| evidence.balance, event);
            let paid = if question.idempotency == Idempotency::Billable { range(&[SUCCESS]) } else { vec![] };
            assert_eq!((balance(Event::Failed), balance(Event::Succeeded)), (vec![], paid), "{question:?}");
        }
    }

    #[test]
    fn the_text_of_a_refusal_tells_the_key_from_the_balance_and_from_one_application() {
        const NEITHER: (Event, Event) = (Event::Inconclusive, Event::Inconclusive);
        let locked = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.";
        for (status, detail, expected) in [
            (401, "No user found for Key ID and Secret", (Event::Failed, Event::Inconclusive)),
            (401, "Cannot access application", NEITHER),
            (403, locked, (Event::Succeeded, Event::Failed)),
            (403, "Access denied", (Event::Succeeded, Event::Inconclusive)),
        ] {
            for question in ALL {
                let evidence = read(question, &answer(status, true, detail), false);
                let expected = if question.with_key { expected } else { NEITHER };
                assert_eq!((evidence.key, evidence.balance), expected, "{status} {detail} {question:?}");
            }
        }
    }

    #[test]
    fn no_answer_is_a_failure_of_the_host_and_a_lost_submit_one_of_submits() {
        for question in ALL {
            for delivery in [Delivery::NotSent, Delivery::Unknown] {
                let evidence = Evidence::of(question, Outcome::Failed(delivery), None);
                let lost = question.idempotency == Idempotency::Billable && delivery == Delivery::Unknown;
                let submits = if lost { Event::Failed } else { Event::Inconclusive };
                let is_broken_connection = delivery == Delivery::Unknown;
                let expected = Evidence { host: Event::Failed, submits, is_broken_connection, ..NOTHING };
                assert_eq!(evidence, expected, "{question:?} {delivery:?}");
            }
        }
    }

    #[test]
    fn a_stranger_says_nothing_about_fal() {
        let stranger = Question { speaker: Speaker::Stranger, ..FILE };
        for status in 100..=999 {
            assert_eq!(read(stranger, &answer(status, true, ""), false), NOTHING, "{status}");
        }
        assert_eq!(Evidence::of(stranger, Outcome::Failed(Delivery::NotSent), None), NOTHING);
    }

    #[test]
    fn the_callers_own_deadline_says_nothing_about_anybody() {
        for question in ALL {
            assert_eq!(read(question, &answer(504, true, ""), true), NOTHING, "{question:?}");
        }
    }
}
