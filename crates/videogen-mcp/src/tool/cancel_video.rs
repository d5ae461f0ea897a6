//! `cancel_video`: there shall be no video.

use rmcp::model::{CallToolResult, Tool, ToolAnnotations};
use serde_json::json;
use videogen::JsonFields;

use super::get_queue_status::{named, unknown};
use crate::reply;
use crate::schema;
use crate::server::Host;
use crate::view::task::{self, TaskView};

pub(crate) const NAME: &str = "cancel_video";

const DESCRIPTION: &str = "\
Cancels a task of generate_video_from_image. What was not sent never is; of what fal has accepted fal is asked to drop it, \
which may come too late and be billed: get_queue_status tells. A video that is made stays. Costs nothing.";

pub(crate) fn tool() -> Tool {
    let properties = json!({
        "task_id": { "type": "string", "description": "The task_id that generate_video_from_image answered." },
    });
    let annotations = ToolAnnotations::new().read_only(false).destructive(true).idempotent(true).open_world(true);
    Tool::new(NAME, DESCRIPTION, schema::object(properties, &["task_id"]))
        .with_title("Cancel a video")
        .with_raw_output_schema(task::output_schema())
        .with_annotations(annotations)
}

pub(crate) async fn call(host: &Host, fields: JsonFields) -> CallToolResult {
    let id = match named(fields) {
        Ok(id) => id,
        Err(refused) => return refused,
    };
    let queue = host.videogen.queue();
    match queue.cancel(&id).await {
        Ok(_) => match queue.get(&id).await {
            Ok(task) => reply::done(&TaskView::of(&task, host.videogen.provider())),
            Err(error) => unknown(&error),
        },
        Err(error) => unknown(&error),
    }
}
