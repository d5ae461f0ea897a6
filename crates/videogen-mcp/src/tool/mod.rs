//! The tools, one file each: what it takes, and what it does.

mod cancel_video;
mod estimate_cost;
mod generate_video_from_image;
mod get_queue_status;
mod list_models;

use rmcp::model::{CallToolResult, Tool};
use videogen::JsonFields;

use crate::handler::Caller;
use crate::server::Host;

/// Every tool.
pub(crate) fn all() -> Vec<Tool> {
    vec![
        generate_video_from_image::tool(),
        get_queue_status::tool(),
        cancel_video::tool(),
        list_models::tool(),
        estimate_cost::tool(),
    ]
}

/// Calls a tool; `None` when there is none of that name.
pub(crate) async fn call(host: &Host, caller: &Caller, name: &str, fields: JsonFields) -> Option<CallToolResult> {
    Some(match name {
        generate_video_from_image::NAME => generate_video_from_image::call(host, caller, fields).await,
        get_queue_status::NAME => get_queue_status::call(host, fields).await,
        cancel_video::NAME => cancel_video::call(host, fields).await,
        list_models::NAME => list_models::call(host, fields),
        estimate_cost::NAME => estimate_cost::call(host, fields),
        _ => return None,
    })
}
