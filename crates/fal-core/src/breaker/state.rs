//! One circuit: closed, open, half-open. A pure function, and a table that tests all of it.

use std::time::Duration;

use tokio::time::Instant;

use super::BreakerPolicy;

/// How long to wait for somebody else's trial: about as long as a read takes.
pub(super) const TRIAL: Duration = Duration::from_secs(1);

/// The state of a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Everything passes.
    Closed {
        /// Failures in a row so far.
        failures: u32,
    },
    /// Nothing passes.
    Open {
        /// From then on it is half-open.
        until: Instant,
    },
    /// One call at a time tries whether all is well.
    HalfOpen {
        /// One is trying; when it has not reported by then, another may.
        trial_until: Option<Instant>,
    },
}

/// What happens to a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// A call wants to pass.
    Asked {
        /// Whether it can be the one that tries. A submit cannot: if it fails, nobody knows whether it was paid.
        may_try: bool,
    },
    /// A proof of health.
    Succeeded,
    /// A sign of life: enough to close a half-open circuit, no reason to forget failures.
    Answered,
    /// A failure.
    Failed,
    /// A call has ended and says nothing about the circuit.
    Inconclusive,
    /// Somebody says that all is well.
    Reset,
}

/// What the one who caused the event is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// The call may pass.
    Admit {
        /// It is the one that tries, and has to report.
        trial: bool,
    },
    /// The call may not pass.
    Refuse {
        /// Asking again makes sense after this time.
        retry_in: Duration,
        /// Whether a call that may try would pass now.
        awaits_trial: bool,
    },
}

pub(super) const HEALTHY: State = State::Closed { failures: 0 };

impl State {
    /// The state at this time: an open circuit becomes half-open, and a trial that never reported is over.
    pub(super) fn at(self, now: Instant) -> Self {
        match self {
            Self::Open { until } if until <= now => Self::HalfOpen { trial_until: None },
            Self::HalfOpen { trial_until: Some(until) } if until <= now => Self::HalfOpen { trial_until: None },
            other => other,
        }
    }

    /// The state after an event, and what to tell the one who caused it.
    pub(super) fn after(self, event: Event, policy: &BreakerPolicy, now: Instant) -> (Self, Effect) {
        let open = Self::Open { until: policy.pause(now) };
        match (self.at(now), event) {
            (_, Event::Reset) => (HEALTHY, Effect::None),
            (state, Event::Asked { may_try }) => state.asked(may_try, policy, now),

            (Self::Closed { .. }, Event::Succeeded) => (HEALTHY, Effect::None),
            (Self::Closed { failures }, Event::Failed) if policy.failures <= failures.saturating_add(1) => {
                (open, Effect::None)
            }
            (Self::Closed { failures }, Event::Failed) => (Self::Closed { failures: failures + 1 }, Effect::None),
            (state @ Self::Closed { .. }, Event::Answered | Event::Inconclusive) => (state, Effect::None),

            // What was under way when it opened neither shortens nor prolongs the pause.
            (state @ Self::Open { .. }, Event::Succeeded | Event::Answered | Event::Failed | Event::Inconclusive) => {
                (state, Effect::None)
            }

            (Self::HalfOpen { .. }, Event::Succeeded | Event::Answered) => (HEALTHY, Effect::None),
            (Self::HalfOpen { .. }, Event::Failed) => (open, Effect::None),
            (Self::HalfOpen { .. }, Event::Inconclusive) => (Self::HalfOpen { trial_until: None }, Effect::None),
        }
    }

    fn asked(self, may_try: bool, policy: &BreakerPolicy, now: Instant) -> (Self, Effect) {
        match self {
            Self::Closed { .. } => (self, Effect::Admit { trial: false }),
            Self::Open { until } => (self, Effect::Refuse { retry_in: until - now, awaits_trial: false }),
            Self::HalfOpen { trial_until: None } if may_try => {
                (Self::HalfOpen { trial_until: Some(policy.pause(now)) }, Effect::Admit { trial: true })
            }
            Self::HalfOpen { trial_until } => {
                (self, Effect::Refuse { retry_in: TRIAL, awaits_trial: trial_until.is_none() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: BreakerPolicy = BreakerPolicy { failures: 3, open_for: Duration::from_secs(60) };
    const READ: Event = Event::Asked { may_try: true };
    const SUBMIT: Event = Event::Asked { may_try: false };
    const EVENTS: [Event; 7] =
        [READ, SUBMIT, Event::Succeeded, Event::Answered, Event::Failed, Event::Inconclusive, Event::Reset];

    #[test]
    fn every_event_in_every_state_has_its_outcome() {
        let now = Instant::now();
        let after = |seconds| now + Duration::from_secs(seconds);
        let closed = |failures| State::Closed { failures };
        let open = |seconds| State::Open { until: after(seconds) };
        let idle = State::HalfOpen { trial_until: None };
        let trying = |seconds| State::HalfOpen { trial_until: Some(after(seconds)) };
        let pass = Effect::Admit { trial: false };
        let try_it = Effect::Admit { trial: true };
        let wait = |seconds, awaits_trial| Effect::Refuse { retry_in: Duration::from_secs(seconds), awaits_trial };
        let none = Effect::None;

        // One column for each of EVENTS: read, submit, succeeded, answered, failed, inconclusive, reset.
        let table: [(State, [(State, Effect); 7]); 6] = [
            (
                closed(0),
                [
                    (closed(0), pass),
                    (closed(0), pass),
                    (closed(0), none),
                    (closed(0), none),
                    (closed(1), none),
                    (closed(0), none),
                    (closed(0), none),
                ],
            ),
            (
                closed(2),
                [
                    (closed(2), pass),
                    (closed(2), pass),
                    (closed(0), none),
                    (closed(2), none),
                    (open(60), none),
                    (closed(2), none),
                    (closed(0), none),
                ],
            ),
            (
                open(42),
                [
                    (open(42), wait(42, false)),
                    (open(42), wait(42, false)),
                    (open(42), none),
                    (open(42), none),
                    (open(42), none),
                    (open(42), none),
                    (closed(0), none),
                ],
            ),
            // The pause is over.
            (
                open(0),
                [
                    (trying(60), try_it),
                    (idle, wait(1, true)),
                    (closed(0), none),
                    (closed(0), none),
                    (open(60), none),
                    (idle, none),
                    (closed(0), none),
                ],
            ),
            (
                trying(42),
                [
                    (trying(42), wait(1, false)),
                    (trying(42), wait(1, false)),
                    (closed(0), none),
                    (closed(0), none),
                    (open(60), none),
                    (idle, none),
                    (closed(0), none),
                ],
            ),
            // The trial has not reported in its time.
            (
                trying(0),
                [
                    (trying(60), try_it),
                    (idle, wait(1, true)),
                    (closed(0), none),
                    (closed(0), none),
                    (open(60), none),
                    (idle, none),
                    (closed(0), none),
                ],
            ),
        ];
        for (state, row) in table {
            for (event, expected) in EVENTS.into_iter().zip(row) {
                assert_eq!(state.after(event, &POLICY, now), expected, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn odd_settings_do_not_panic() {
        let now = Instant::now();
        let policy = BreakerPolicy { failures: 0, open_for: Duration::MAX };
        let (state, _) = HEALTHY.after(Event::Failed, &policy, now);
        assert!(matches!(state, State::Open { until } if now < until));
        let never = BreakerPolicy { failures: u32::MAX, ..policy };
        let (state, _) = State::Closed { failures: u32::MAX - 2 }.after(Event::Failed, &never, now);
        assert_eq!(state, State::Closed { failures: u32::MAX - 1 });
    }
}
