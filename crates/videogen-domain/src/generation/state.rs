//! The states of a generation and the one table of what may follow what.

use serde::{Deserialize, Serialize};

use super::GenerationEvent;

/// Where a generation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GenerationState {
    /// It is valid and priced. Nothing has been sent.
    Planned,
    /// fal can read the picture. Nothing has been paid.
    Ready,
    /// The request is about to be sent, or has been, and no answer is recorded.
    Submitting,
    /// It is not known whether fal took the request. It is never sent again by itself.
    Unconfirmed,
    /// fal has accepted the request. It is paid for.
    Submitted,
    /// The video is made.
    Generated,
    /// The video is in our own store.
    Stored,
    /// Everything is done.
    Completed,
    /// There will be no video.
    Failed,
    /// There will be no video, because somebody wished so.
    Cancelled,
}

impl GenerationState {
    /// All of them, in the order of a life without trouble.
    pub const ALL: [Self; 10] = [
        Self::Planned,
        Self::Ready,
        Self::Submitting,
        Self::Unconfirmed,
        Self::Submitted,
        Self::Generated,
        Self::Stored,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Whether nothing can happen any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// A stable name for programs, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Ready => "ready",
            Self::Submitting => "submitting",
            Self::Unconfirmed => "unconfirmed",
            Self::Submitted => "submitted",
            Self::Generated => "generated",
            Self::Stored => "stored",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// An event that cannot happen in a state: a fault of the program or of its store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a generation that is {state} cannot take the event {event}")]
pub struct IllegalTransition {
    /// The state it was in.
    pub state: GenerationState,
    /// The name of the event.
    pub event: &'static str,
}

/// The state after `event`. Total: every pair of state and event has an answer.
///
/// # Errors
/// When the event cannot happen in the state.
pub fn transition(state: GenerationState, event: &GenerationEvent) -> Result<GenerationState, IllegalTransition> {
    use GenerationEvent as Event;
    use GenerationState as State;
    match (state, event) {
        (State::Planned, Event::ImagesUploaded { .. }) => Ok(State::Ready),
        // It had been made and paid for before.
        (State::Planned, Event::Reused(_)) => Ok(State::Completed),
        (State::Ready, Event::SubmitIntended(_)) => Ok(State::Submitting),
        (State::Submitting, Event::SubmitUnconfirmed { .. }) => Ok(State::Unconfirmed),
        // Somebody has decided so, after it was looked for: it may be sent again.
        (State::Unconfirmed, Event::NotAccepted) => Ok(State::Ready),
        // From Unconfirmed: it was found at fal after all.
        (State::Submitting | State::Unconfirmed, Event::Submitted(_)) => Ok(State::Submitted),
        (State::Submitted, Event::Observed { .. }) => Ok(State::Submitted),
        // fal itself has said that there is no video of this request.
        (State::Submitted, Event::UploadExpired) => Ok(State::Planned),
        (State::Submitting | State::Submitted, Event::FellBack(_)) => Ok(State::Planned),
        (State::Submitted, Event::ResultReceived(_)) => Ok(State::Generated),
        (State::Generated, Event::VideoStored(_)) => Ok(State::Stored),
        (State::Stored, Event::Settled { .. }) => Ok(State::Completed),
        (state, Event::Failed(_)) if !state.is_final() && state != State::Stored => Ok(State::Failed),
        // A wish is carried out where that is still possible; the others tell of whoever works on it.
        (state, Event::CancelRequested | Event::Begun | Event::Held(_) | Event::WentOn) if !state.is_final() => {
            Ok(state)
        }
        (State::Planned | State::Ready | State::Submitted, Event::Cancelled(_)) => Ok(State::Cancelled),
        (state, event) => Err(IllegalTransition { state, event: event.name() }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use super::*;

    fn stored() -> StoredVideo {
        StoredVideo {
            location: String::new(),
            bytes: 0,
            content_hash: String::new(),
            replaced: None,
            facts: crate::VideoFacts::default(),
        }
    }

    fn every_event() -> Vec<GenerationEvent> {
        let remote = RemoteRequest {
            request_id: "r".into(),
            status_url: String::new(),
            response_url: String::new(),
            cancel_url: String::new(),
        };
        vec![
            GenerationEvent::ImagesUploaded {
                image: UploadedImage { url: String::new(), content_hash: None, cached: false },
                end_image: None,
                fingerprint: None,
            },
            GenerationEvent::Reused(ReusedVideo {
                request_id: "r".into(),
                fingerprint: String::new(),
                stored: stored(),
            }),
            GenerationEvent::SubmitIntended(Attempt {
                attempt_id: "a".into(),
                body_hash: String::new(),
                booking_id: None,
            }),
            GenerationEvent::SubmitUnconfirmed { request_id: None },
            GenerationEvent::NotAccepted,
            GenerationEvent::Submitted(remote),
            GenerationEvent::Observed { observation: Observation::InQueue { position: Some(1) }, new_logs: vec![] },
            GenerationEvent::UploadExpired,
            GenerationEvent::FellBack(Failure::new(FailureKind::Rejected, Recovery::Never, "", "")),
            GenerationEvent::ResultReceived(GeneratedVideo { url: String::new(), bytes: None, billable_units: None }),
            GenerationEvent::VideoStored(stored()),
            GenerationEvent::Settled { billed: None, deviation: None },
            GenerationEvent::Failed(Failure::new(FailureKind::Rejected, Recovery::Never, "", "")),
            GenerationEvent::Begun,
            GenerationEvent::Held(Failure::new(FailureKind::Stopped, Recovery::Later, "", "")),
            GenerationEvent::WentOn,
            GenerationEvent::CancelRequested,
            GenerationEvent::Cancelled(Failure::new(FailureKind::Stopped, Recovery::Never, "", "")),
        ]
    }

    /// The whole table, states down and events across.
    #[test]
    fn every_state_answers_every_event() {
        let table: Vec<String> = GenerationState::ALL
            .iter()
            .map(|&state| {
                let next = every_event().into_iter().map(|event| match transition(state, &event) {
                    Ok(next) => next.name(),
                    Err(_) => "-",
                });
                format!("{}: {}", state, next.collect::<Vec<_>>().join(" "))
            })
            .collect();
        assert_eq!(
            table,
            [
                "planned: ready completed - - - - - - - - - - failed planned planned planned planned cancelled",
                "ready: - - submitting - - - - - - - - - failed ready ready ready ready cancelled",
                "submitting: - - - unconfirmed - submitted - - planned - - - failed submitting submitting submitting submitting -",
                "unconfirmed: - - - - ready submitted - - - - - - failed unconfirmed unconfirmed unconfirmed unconfirmed -",
                "submitted: - - - - - - submitted planned planned generated - - failed submitted submitted submitted submitted cancelled",
                "generated: - - - - - - - - - - stored - failed generated generated generated generated -",
                "stored: - - - - - - - - - - - completed - stored stored stored stored -",
                "completed: - - - - - - - - - - - - - - - - - -",
                "failed: - - - - - - - - - - - - - - - - - -",
                "cancelled: - - - - - - - - - - - - - - - - - -",
            ]
        );
    }

    #[test]
    fn only_an_intent_leads_to_a_submission_and_only_a_decision_leads_back_to_it() {
        for state in GenerationState::ALL {
            // What changes no state leads nowhere.
            let changes = |event: &GenerationEvent| transition(state, event) != Ok(state) || event.name() == "observed";
            for event in every_event().into_iter().filter(changes) {
                if transition(state, &event) == Ok(GenerationState::Submitting) {
                    assert_eq!((state, event.name()), (GenerationState::Ready, "submit_intended"));
                }
                if transition(state, &event) == Ok(GenerationState::Ready) && state != GenerationState::Planned {
                    assert_eq!((state, event.name()), (GenerationState::Unconfirmed, "not_accepted"));
                }
            }
        }
    }

    #[test]
    fn an_event_that_cannot_happen_changes_nothing() {
        let remote = RemoteRequest {
            request_id: "r".into(),
            status_url: String::new(),
            response_url: String::new(),
            cancel_url: String::new(),
        };
        let mut generation = Generation::adopt("m", "o/a", remote);
        let before = generation.clone();
        let error = generation.apply(GenerationEvent::Settled { billed: None, deviation: None }).unwrap_err();
        assert_eq!(error.to_string(), "a generation that is submitted cannot take the event settled");
        assert_eq!(generation, before);
    }
}
