//! Something that has happened to a task, as an object for programs: one shape for every program made of this crate.

use serde::Serialize;
use videogen_domain::{GenerationEvent, Observation};
use videogen_queue::TaskEvent;

use crate::ErrorView;

/// Something that has happened to a task, as an object for programs. Its fields are stable; one that does not apply is left
/// out. No address and no prompt is in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EventView {
    /// Its number; numbers rise.
    pub seq: u64,
    /// The task.
    pub task_id: String,
    /// When it was written, in milliseconds since 1970 by UTC.
    pub at_unix_ms: i64,
    /// What it is, in `snake_case`: the name of a [`GenerationEvent`]. The last one of a task is `settled`, `reused`, `failed` or
    /// `cancelled`.
    pub event: &'static str,
    /// fal's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// How many requests are ahead of it at fal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_position: Option<u64>,
    /// From 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress_percentage: Option<f64>,
    /// New lines of the model's log.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
    /// The size of the video in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// What fal billed, in USD, as a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_usd: Option<String>,
    /// Why it failed, was cancelled or stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorView>,
}

impl From<&TaskEvent> for EventView {
    fn from(told: &TaskEvent) -> Self {
        let mut view = Self {
            seq: told.seq,
            task_id: told.task_id.to_string(),
            at_unix_ms: told.at.0,
            event: told.event.name(),
            request_id: None,
            queue_position: None,
            progress_percentage: None,
            logs: Vec::new(),
            bytes: None,
            billed_usd: None,
            error: None,
        };
        match &told.event {
            GenerationEvent::Submitted(remote) => view.request_id = Some(remote.request_id.clone()),
            GenerationEvent::Reused(reused) => {
                view.request_id = Some(reused.request_id.clone());
                view.bytes = Some(reused.stored.bytes);
            }
            GenerationEvent::Observed { observation, new_logs } => {
                match *observation {
                    Observation::InQueue { position } => view.queue_position = position,
                    Observation::InProgress { percent } => view.progress_percentage = percent,
                    _ => {}
                }
                view.logs = new_logs.iter().map(|line| line.message.clone()).collect();
            }
            GenerationEvent::VideoStored(stored) => view.bytes = Some(stored.bytes),
            GenerationEvent::Settled { billed, .. } => {
                view.billed_usd = billed.map(|billed| billed.dollars().to_string());
            }
            GenerationEvent::Failed(failure)
            | GenerationEvent::Held(failure)
            | GenerationEvent::Cancelled(failure)
            | GenerationEvent::FellBack(failure) => view.error = Some(failure.into()),
            _ => {}
        }
        view
    }
}
