//! A task as callers see it.

use std::fmt;

use tokio::sync::watch;
use videogen_domain::{
    CostEstimate, Deviation, Failure, Generation, GenerationState, LogLine, Observation, StoredVideo, Usd,
};
use videogen_service::TransferProgress;

use crate::asked::abandoned;
use crate::{KeptTask, Owner};

/// Our own name for a task, unique and in order of submission.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(String);

impl TaskId {
    /// A new name.
    pub(crate) fn new() -> Self {
        Self(uuid::Uuid::now_v7().to_string())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for TaskId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far a task is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskStatus {
    /// It waits, here or at fal.
    Queued,
    /// It is being worked on, or stands still on its way.
    InProgress,
    /// The video is in the store.
    Completed,
    /// There will be no video.
    Failed,
    /// There will be no video, because somebody wished so.
    Cancelled,
}

impl TaskStatus {
    /// A stable name for programs, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A task as it is at one moment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QueuedTask {
    /// Our own name for it.
    pub id: TaskId,
    /// fal's request id, once fal has accepted it.
    pub request_id: Option<String>,
    /// How far it is, in a word.
    pub status: TaskStatus,
    /// How far it is, exactly.
    pub state: GenerationState,
    /// Our name for the model.
    pub model_id: String,
    /// How many requests are ahead of it at fal, where fal says so.
    pub queue_position: Option<u64>,
    /// From 0 to 100, where the model's log tells.
    pub progress_percentage: Option<f64>,
    /// Everything that the model has logged.
    pub logs: Vec<LogLine>,
    /// How far the transfer is that is under way, if one is.
    pub transfer: Option<TransferProgress>,
    /// Whether the picture was at fal already; `None` before that is known, or when its address was given.
    pub upload_cached: Option<bool>,
    /// The length of the video in seconds, where it is known.
    pub duration_seconds: Option<u32>,
    /// What it is expected to cost.
    pub estimate: CostEstimate,
    /// What fal billed, once that is known.
    pub billed: Option<Usd>,
    /// Set when fal billed more than was expected, beyond what is tolerated.
    pub deviation: Option<Deviation>,
    /// The finished video.
    pub video: Option<StoredVideo>,
    /// What is not as it was asked for about the video, which is billed and kept all the same; each in one clause.
    pub mismatches: Vec<String>,
    /// fal's id of the earlier request whose video was taken, because it had been made for the same: nothing was paid.
    pub reused_request_id: Option<String>,
    /// Whether somebody wishes that there be no video. It may be too late: its end will tell.
    pub cancel_requested: bool,
    /// Why it failed, was cancelled, or stands still.
    pub failure: Option<Failure>,
}

impl QueuedTask {
    pub(crate) fn new(id: TaskId, generation: &Generation) -> Self {
        let (queue_position, progress_percentage) = match generation.observation {
            Some(Observation::InQueue { position }) => (position, None),
            Some(Observation::InProgress { percent }) => (None, percent),
            Some(Observation::Done { .. }) => (None, Some(100.0)),
            _ => (None, None),
        };
        let image = generation.image.as_ref();
        Self {
            id,
            request_id: generation.request_id().map(str::to_owned),
            status: status_of(generation),
            state: generation.state,
            model_id: generation.model_id.clone(),
            queue_position,
            progress_percentage,
            logs: generation.logs.clone(),
            transfer: None,
            upload_cached: image.filter(|image| image.content_hash.is_some()).map(|image| image.cached),
            duration_seconds: generation.plan.as_ref().and_then(|plan| plan.duration_seconds),
            estimate: generation.estimate(),
            billed: generation.billed,
            deviation: generation.deviation,
            video: generation.stored.clone(),
            mismatches: generation.mismatches(),
            reused_request_id: generation.reused_request_id.clone(),
            cancel_requested: generation.cancel_requested,
            failure: generation.failure.clone(),
        }
    }

    /// A task as a store has it. One that nobody has stands still.
    pub fn kept(id: &TaskId, kept: &KeptTask) -> Self {
        let mut task = Self::new(id.clone(), &kept.generation);
        if !task.state.is_final() {
            let is_abandoned = kept.owner == Owner::Nobody;
            task.failure = kept.held.clone().or_else(|| is_abandoned.then(abandoned));
        }
        task
    }

    /// Whether nothing goes on by itself any more: it is completed, failed, or stands still.
    pub fn is_settled(&self) -> bool {
        self.state.is_final() || self.failure.is_some()
    }

    /// Whether it stands still: not at its end, but waiting for somebody to remove the reason and `resume` it.
    pub fn is_held(&self) -> bool {
        !self.state.is_final() && self.failure.is_some()
    }
}

fn status_of(generation: &Generation) -> TaskStatus {
    match (generation.state, generation.observation) {
        (GenerationState::Completed, _) => TaskStatus::Completed,
        (GenerationState::Failed, _) => TaskStatus::Failed,
        (GenerationState::Cancelled, _) => TaskStatus::Cancelled,
        (GenerationState::Planned, _) => TaskStatus::Queued,
        (GenerationState::Submitted, None | Some(Observation::InQueue { .. })) => TaskStatus::Queued,
        _ => TaskStatus::InProgress,
    }
}

/// Follows one task.
#[derive(Debug, Clone)]
pub struct TaskWatch(pub(crate) watch::Receiver<QueuedTask>);

impl TaskWatch {
    /// The task as it is now.
    pub fn now(&self) -> QueuedTask {
        self.0.borrow().clone()
    }

    /// Waits until the task is completed, failed, or stands still, and returns it.
    pub async fn settled(&mut self) -> QueuedTask {
        let mut task = self.now();
        while !task.is_settled() {
            match self.changed().await {
                Some(changed) => task = changed,
                None => return self.now(),
            }
        }
        task
    }

    /// Waits until the task has changed and returns it; `None` when it will change no more. Changes in between may be
    /// passed over.
    pub async fn changed(&mut self) -> Option<QueuedTask> {
        self.0.changed().await.ok()?;
        Some(self.0.borrow_and_update().clone())
    }
}
