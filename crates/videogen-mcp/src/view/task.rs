//! A task as clients see it.

use std::sync::Arc;

use rmcp::model::JsonObject;
use serde::Serialize;
use serde_json::json;
use videogen::domain::StoredVideo;
use videogen::{Provider, QueuedTask, TaskStatus};

use super::{dollars, estimate};
use crate::schema;
use videogen::ErrorView;

/// How many lines of the model's log are shown: the last ones.
const LOG_LINES: usize = 10;

/// A task, or why there is none.
#[derive(Debug, Default, Serialize)]
pub(crate) struct TaskView {
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video: Option<VideoView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ErrorView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate_usd: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billed_usd: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reused_request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_position: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress_percentage: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_cached: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logs: Vec<String>,
}

#[derive(Debug, Serialize)]
struct VideoView {
    file: String,
    sidecar: String,
    bytes: u64,
    sha256: String,
}

impl TaskView {
    /// A call that made no task.
    pub(crate) fn refused(error: ErrorView) -> Self {
        Self { status: "refused", error: Some(error), ..Self::default() }
    }

    /// A task as it is now.
    pub(crate) fn of(task: &QueuedTask, provider: Provider) -> Self {
        let skipped = task.logs.len().saturating_sub(LOG_LINES);
        Self {
            status: if task.is_held() { "held" } else { task.status.name() },
            task_id: Some(task.id.to_string()),
            next_step: next_step(task, provider),
            video: task.video.as_ref().map(VideoView::from),
            error: task.failure.as_ref().map(ErrorView::from),
            model: Some(task.model_id.clone()),
            duration_seconds: task.duration_seconds,
            estimate_usd: estimate(task.estimate),
            billed_usd: task.billed.map(dollars),
            alarm: task.deviation.map(|deviation| deviation.to_string()),
            provider: Some(provider_name(provider)),
            request_id: task.request_id.clone(),
            reused_request_id: task.reused_request_id.clone(),
            queue_position: task.queue_position,
            progress_percentage: task.progress_percentage,
            upload_cached: task.upload_cached,
            logs: task.logs.iter().skip(skipped).map(|line| line.message.clone()).collect(),
        }
    }
}

impl From<&StoredVideo> for VideoView {
    fn from(video: &StoredVideo) -> Self {
        Self {
            file: video.location.clone(),
            sidecar: format!("{}.json", video.location),
            bytes: video.bytes,
            sha256: video.content_hash.clone(),
        }
    }
}

/// What an agent is to do about a task that has not ended; most of all, not to pay twice.
fn next_step(task: &QueuedTask, provider: Provider) -> Option<String> {
    const NOT_AGAIN: &str = "Do not call generate_video_from_image again for it: a call that differs in anything makes and bills a second video.";
    if matches!(task.status, TaskStatus::Completed | TaskStatus::Failed | TaskStatus::Cancelled) {
        return None;
    }
    if !task.is_held() {
        let id = &task.id;
        return Some(format!("Call get_queue_status with the task_id {id} in about ten seconds. {NOT_AGAIN}"));
    }
    let request_id = task.request_id.as_deref()?;
    let gone = provider == Provider::BuiltInEmulator { persistent: false };
    (!gone).then(|| {
        let model = &task.model_id;
        format!(
            "The request is accepted. Fetch its video with: videogen resume {request_id} --model {model}. {NOT_AGAIN}"
        )
    })
}

fn provider_name(provider: Provider) -> &'static str {
    match provider {
        Provider::Fal => "fal",
        Provider::BuiltInEmulator { .. } => "emulator",
        _ => "elsewhere",
    }
}

/// The schema of a [`TaskView`].
pub(crate) fn output_schema() -> Arc<JsonObject> {
    let usd = |what: &str| json!({ "type": "string", "description": format!("{what}, in USD, exact.") });
    let properties = json!({
        "status": {
            "type": "string",
            "enum": ["queued", "in_progress", "completed", "failed", "cancelled", "held", "refused"],
            "description": "held: it stands still, see error and next_step. refused: nothing was sent.",
        },
        "task_id": { "type": "string", "description": "For get_queue_status." },
        "next_step": { "type": "string", "description": "What to do, while the task has not ended." },
        "video": {
            "type": "object",
            "description": "The finished video on this machine.",
            "properties": {
                "file": { "type": "string", "description": "Its path." },
                "sidecar": { "type": "string", "description": "The path of its description in JSON." },
                "bytes": { "type": "integer" },
                "sha256": { "type": "string" },
            },
            "required": ["file", "sidecar", "bytes", "sha256"],
        },
        "error": schema::error(),
        "model": { "type": "string" },
        "duration_seconds": { "type": "integer" },
        "estimate_usd": usd("The most that it is expected to cost"),
        "billed_usd": usd("What fal billed"),
        "alarm": { "type": "string", "description": "Set when the bill is higher than was expected; tell the user." },
        "provider": {
            "type": "string",
            "enum": ["fal", "emulator", "elsewhere"],
            "description": "Who makes the video; the emulator charges nothing.",
        },
        "request_id": { "type": "string", "description": "fal's id, once it has accepted the request." },
        "reused_request_id": {
            "type": "string",
            "description": "Set when the same was made before, by this request: nothing was paid.",
        },
        "queue_position": { "type": "integer", "description": "Requests ahead of it at fal." },
        "progress_percentage": { "type": "number" },
        "upload_cached": { "type": "boolean", "description": "Whether the picture was at fal already." },
        "logs": { "type": "array", "items": { "type": "string" }, "description": "The model's last lines." },
    });
    schema::object(properties, &["status"])
}
