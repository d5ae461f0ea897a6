//! `get_queue_status`: how far a task is.

use rmcp::model::{CallToolResult, Tool, ToolAnnotations};
use serde_json::json;
use videogen::domain::{Violation, ViolationCode};
use videogen::{JsonFields, TaskId, Violations};

use crate::reply;
use crate::schema;
use crate::server::Host;
use crate::view::task::{self, TaskView};
use videogen::ErrorView;

pub(crate) const NAME: &str = "get_queue_status";

const DESCRIPTION: &str = "\
How far a task of generate_video_from_image is: queued, in_progress with a percentage, completed with the video's \
file, failed, cancelled, or held. Answers at once and costs nothing.";

pub(crate) fn tool() -> Tool {
    let properties = json!({
        "task_id": { "type": "string", "description": "The task_id that generate_video_from_image answered." },
    });
    let annotations = ToolAnnotations::new().read_only(true).idempotent(true).open_world(false);
    Tool::new(NAME, DESCRIPTION, schema::object(properties, &["task_id"]))
        .with_title("Look how far a video is")
        .with_raw_output_schema(task::output_schema())
        .with_annotations(annotations)
}

pub(crate) async fn call(host: &Host, fields: JsonFields) -> CallToolResult {
    let id = match named(fields) {
        Ok(id) => id,
        Err(refused) => return refused,
    };
    match host.videogen.queue().get(&id).await {
        Ok(task) => reply::done(&TaskView::of(&task, host.videogen.provider())),
        Err(error) => unknown(&error),
    }
}

/// The task that is named, or what to answer where none is.
pub(super) fn named(mut fields: JsonFields) -> Result<TaskId, CallToolResult> {
    let id = fields.text("task_id");
    let missing = id.is_none().then(|| Violation::new("task_id", ViolationCode::NotAllowed, "no task is named"));
    let checked = Violations::check(missing.into_iter().collect()).map(|()| TaskId::from(id.unwrap_or_default()));
    fields.finish(checked).map_err(|violations| {
        let view = TaskView::refused(ErrorView::from(&violations));
        reply::failed(reply::mistakes(&violations), &view)
    })
}

/// What to answer where there is no such task.
pub(super) fn unknown(error: &videogen::queue::Error) -> CallToolResult {
    let view = match error {
        videogen::queue::Error::Refused(failure) => ErrorView::from(failure),
        error => {
            let advice = "Take the task_id from an answer of generate_video_from_image.";
            ErrorView::new("unknown_task", error.to_string(), advice)
        }
    };
    reply::failed(format!("{}. {}", view.message, view.advice), &TaskView::refused(view))
}
