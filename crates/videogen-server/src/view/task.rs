//! A task as callers see it.

use serde::Serialize;
use videogen::domain::LogLine;
use videogen::{Provider, QueuedTask};

use super::{dollars, estimate};
use videogen::ErrorView;

/// How many lines of the model's log are shown: the last ones.
const LOG_LINES: usize = 100;

/// A task as it is at one moment. What is not known is `null`.
#[derive(Debug, Serialize)]
pub(crate) struct TaskView {
    id: String,
    status: &'static str,
    model: String,
    request_id: Option<String>,
    duration_seconds: Option<u32>,
    estimate_usd: Option<String>,
    billed_usd: Option<String>,
    /// Set when the bill is higher than was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm: Option<String>,
    provider: &'static str,
    /// Set when the same had been made before: nothing was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    reused_request_id: Option<String>,
    queue_position: Option<u64>,
    progress_percentage: Option<f64>,
    upload_cached: Option<bool>,
    logs: Vec<LogView>,
    video: Option<VideoView>,
    error: Option<ErrorView>,
}

#[derive(Debug, Serialize)]
struct LogView {
    message: String,
    timestamp: Option<String>,
    level: Option<String>,
}

/// The video by its address on this server; where it is on the machine is nobody's business.
#[derive(Debug, Serialize)]
struct VideoView {
    url: String,
    bytes: u64,
    sha256: String,
}

/// How far a task is, in a word.
pub(crate) fn status(task: &QueuedTask) -> &'static str {
    if task.is_held() { "held" } else { task.status.name() }
}

impl TaskView {
    pub(crate) fn of(task: &QueuedTask, provider: Provider) -> Self {
        let skipped = task.logs.len().saturating_sub(LOG_LINES);
        Self {
            id: task.id.to_string(),
            status: status(task),
            model: task.model_id.clone(),
            request_id: task.request_id.clone(),
            duration_seconds: task.duration_seconds,
            estimate_usd: estimate(task.estimate),
            billed_usd: task.billed.map(dollars),
            alarm: task.deviation.map(|deviation| deviation.to_string()),
            provider: match provider {
                Provider::Fal => "fal",
                Provider::BuiltInEmulator { .. } => "emulator",
                _ => "elsewhere",
            },
            reused_request_id: task.reused_request_id.clone(),
            queue_position: task.queue_position,
            progress_percentage: task.progress_percentage,
            upload_cached: task.upload_cached,
            logs: task.logs.iter().skip(skipped).map(LogView::from).collect(),
            video: task.video.as_ref().map(|video| VideoView {
                url: format!("/v1/tasks/{}/video", task.id),
                bytes: video.bytes,
                sha256: video.content_hash.clone(),
            }),
            error: task.failure.as_ref().map(ErrorView::from),
        }
    }
}

impl From<&LogLine> for LogView {
    fn from(line: &LogLine) -> Self {
        Self { message: line.message.clone(), timestamp: line.timestamp.clone(), level: line.level.clone() }
    }
}
