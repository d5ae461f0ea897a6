//! The life of one generation: what is known of it, and the events that made it so.

mod event;
mod failure;
mod state;
mod stored;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use event::{
    Attempt, GeneratedVideo, GenerationEvent, LogLine, Observation, RemoteRequest, ReusedVideo, StoredVideo,
    UploadedImage,
};
pub use failure::{Failure, FailureKind, Recovery};
pub use state::{GenerationState, IllegalTransition, transition};
pub use stored::StoredFormError;

use crate::{CostEstimate, Deviation, GenerationPlan, Usd};

/// One generation: everything that its events have told so far.
///
/// It is folded from [`GenerationEvent`]s by [`apply`](Self::apply), so whoever keeps the events can restore it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Generation {
    /// Where it stands.
    pub state: GenerationState,
    /// Our name for the model.
    pub model_id: String,
    /// fal's name for it.
    pub endpoint_id: String,
    /// What was asked for; `None` when the generation was picked up by its request id.
    pub plan: Option<GenerationPlan>,
    /// What the video's file is to be called; `None`: the request id, with `.mp4`.
    pub file_name: Option<String>,
    /// The uploaded start image.
    pub image: Option<UploadedImage>,
    /// The uploaded picture for the last frame.
    pub end_image: Option<UploadedImage>,
    /// What tells this request from every other; `None` before that is known, or where nobody compares requests.
    pub fingerprint: Option<String>,
    /// fal's id of the earlier request whose video was taken, because it had been made for the same.
    pub reused_request_id: Option<String>,
    /// The attempt to submit that was recorded last.
    pub attempt: Option<Attempt>,
    /// The request id that an unclear answer to the submit named.
    pub suspected_request_id: Option<String>,
    /// fal's names for the accepted request.
    pub remote: Option<RemoteRequest>,
    /// What fal reported last.
    pub observation: Option<Observation>,
    /// Whether fal has told that it is being worked on: from then on it may cost something even if there is no video.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_in_progress: bool,
    /// Everything that the model has logged.
    #[serde(default)]
    pub logs: Vec<LogLine>,
    /// The video at fal.
    pub video: Option<GeneratedVideo>,
    /// The video in our own store.
    pub stored: Option<StoredVideo>,
    /// What fal billed; `None` while it is not known.
    pub billed: Option<Usd>,
    /// Set when fal billed more than was expected, beyond what is tolerated: an alarm.
    pub deviation: Option<Deviation>,
    /// Why models that were asked before brought no video, in their order.
    #[serde(default)]
    pub setbacks: Vec<Failure>,
    /// Whether somebody wishes that there be no video.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancel_requested: bool,
    /// Why there will be no video.
    pub failure: Option<Failure>,
    /// The name under which its cost is booked, unique; `None` before that is chosen, or where no books are kept. Whoever
    /// keeps the generation keeps it too, so that nothing is reserved twice.
    pub booking_id: Option<String>,
    /// The trace it belongs to, as a W3C `traceparent`; whoever keeps the generation keeps it too, so that another
    /// process carries the trace on. No event changes it.
    pub traceparent: Option<String>,
}

impl Generation {
    /// A generation that has not begun.
    pub fn new(plan: GenerationPlan) -> Self {
        let (model_id, endpoint_id) = (plan.model_id.clone(), plan.endpoint_id.clone());
        let file_name = plan.file_name.clone();
        Self { plan: Some(plan), file_name, ..Self::blank(GenerationState::Planned, model_id, endpoint_id) }
    }

    /// A generation that fal has accepted already, picked up by its request id.
    pub fn adopt(model_id: impl Into<String>, endpoint_id: impl Into<String>, remote: RemoteRequest) -> Self {
        let blank = Self::blank(GenerationState::Submitted, model_id.into(), endpoint_id.into());
        Self { remote: Some(remote), ..blank }
    }

    fn blank(state: GenerationState, model_id: String, endpoint_id: String) -> Self {
        Self {
            state,
            model_id,
            endpoint_id,
            plan: None,
            file_name: None,
            image: None,
            end_image: None,
            fingerprint: None,
            reused_request_id: None,
            attempt: None,
            suspected_request_id: None,
            remote: None,
            observation: None,
            was_in_progress: false,
            logs: Vec::new(),
            video: None,
            stored: None,
            billed: None,
            deviation: None,
            setbacks: Vec::new(),
            cancel_requested: false,
            failure: None,
            booking_id: None,
            traceparent: None,
        }
    }

    /// Names the video's file.
    pub fn with_file_name(mut self, file_name: impl Into<String>) -> Self {
        self.file_name = Some(file_name.into());
        self
    }

    /// fal's request id, once it has one.
    pub fn request_id(&self) -> Option<&str> {
        self.remote.as_ref().map(|remote| remote.request_id.as_str())
    }

    /// The uploaded pictures.
    pub fn uploads(&self) -> impl Iterator<Item = &UploadedImage> {
        self.image.iter().chain(&self.end_image)
    }

    /// What the video is expected to cost.
    pub fn estimate(&self) -> CostEstimate {
        self.plan.as_ref().map_or(CostEstimate::Unknown, |plan| plan.estimate)
    }

    /// What is not as it was asked for about the video that was paid for, each in one clause: billed, but wrong. The
    /// video is kept all the same. Empty while there is none.
    pub fn mismatches(&self) -> Vec<String> {
        match (&self.stored, &self.plan) {
            (Some(stored), Some(plan)) => stored.facts.mismatches(plan),
            _ => Vec::new(),
        }
    }

    /// Takes in what has happened.
    ///
    /// # Errors
    /// When it cannot happen in the present state; nothing is changed then.
    pub fn apply(&mut self, event: GenerationEvent) -> Result<(), IllegalTransition> {
        self.state = transition(self.state, &event)?;
        match event {
            GenerationEvent::ImagesUploaded { image, end_image, fingerprint } => {
                self.image = Some(image);
                self.end_image = end_image;
                self.fingerprint = fingerprint;
            }
            GenerationEvent::Reused(reused) => {
                self.reused_request_id = Some(reused.request_id);
                self.fingerprint = Some(reused.fingerprint);
                self.stored = Some(reused.stored);
                self.billed = Some(Usd::ZERO);
            }
            GenerationEvent::SubmitIntended(attempt) => {
                self.booking_id = attempt.booking_id.clone().or(self.booking_id.take());
                self.attempt = Some(attempt);
            }
            GenerationEvent::SubmitUnconfirmed { request_id } => self.suspected_request_id = request_id,
            GenerationEvent::NotAccepted => (self.attempt, self.suspected_request_id) = (None, None),
            GenerationEvent::Submitted(remote) => self.remote = Some(remote),
            GenerationEvent::Observed { observation, new_logs } => {
                self.observation = Some(observation);
                self.was_in_progress |= matches!(observation, Observation::InProgress { .. });
                self.logs.extend(new_logs);
            }
            GenerationEvent::UploadExpired => self.forget_request(),
            GenerationEvent::FellBack(failure) => self.fall_back(failure),
            GenerationEvent::ResultReceived(video) => self.video = Some(video),
            GenerationEvent::VideoStored(stored) => self.stored = Some(stored),
            GenerationEvent::Settled { billed, deviation } => (self.billed, self.deviation) = (billed, deviation),
            GenerationEvent::Failed(failure) | GenerationEvent::Cancelled(failure) => self.failure = Some(failure),
            GenerationEvent::CancelRequested => self.cancel_requested = true,
            // These tell of whoever works on it.
            GenerationEvent::Begun | GenerationEvent::Held(_) | GenerationEvent::WentOn => {}
        }
        Ok(())
    }
}

impl Generation {
    /// Whether the next model of the plan is to be asked after a failure: there is one, it is proved that this one made
    /// no video and billed nothing, and another model may do better.
    pub fn falls_back_after(&self, failure: &Failure) -> bool {
        use FailureKind as Kind;
        let may_do_better = match self.state {
            // fal did not take the request, and what is wrong is neither the key nor the account nor the content.
            GenerationState::Submitting => {
                failure.recovery != Recovery::Reconcile
                    && matches!(
                        failure.kind,
                        Kind::RateLimited
                            | Kind::Unreachable
                            | Kind::Interrupted
                            | Kind::Rejected
                            | Kind::GenerationFailed
                            | Kind::NotFound
                    )
            }
            // The status has said that there is no video, and fal bills successful outputs alone.
            GenerationState::Submitted => {
                self.observation == Some(Observation::Done { failed: true })
                    && matches!(failure.kind, Kind::Rejected | Kind::GenerationFailed)
            }
            _ => false,
        };
        may_do_better && self.plan.as_ref().is_some_and(|plan| !plan.fallbacks.is_empty())
    }

    fn fall_back(&mut self, failure: Failure) {
        self.forget_request();
        self.setbacks.push(failure);
        let Some(plan) = self.plan.take() else { return };
        let mut left = plan.fallbacks.into_iter();
        self.plan = left.next().map(|next| GenerationPlan { fallbacks: left.collect(), ..next });
        if let Some(plan) = &self.plan {
            (self.model_id, self.endpoint_id) = (plan.model_id.clone(), plan.endpoint_id.clone());
        }
    }

    /// Nothing of the ended request may pass for what the next one does.
    fn forget_request(&mut self) {
        self.image = None;
        self.end_image = None;
        self.fingerprint = None;
        self.attempt = None;
        self.suspected_request_id = None;
        self.remote = None;
        self.was_in_progress = false;
        self.observation = None;
        self.logs.clear();
    }
}

impl fmt::Display for GenerationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
