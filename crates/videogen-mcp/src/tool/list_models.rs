//! `list_models`: what can be asked for, and what it costs.

use rmcp::model::{CallToolResult, Tool, ToolAnnotations};
use serde_json::json;
use videogen::JsonFields;

use crate::reply;
use crate::schema;
use crate::server::Host;
use crate::view::model::{self, ModelList, ModelView};
use videogen::ErrorView;

pub(crate) const NAME: &str = "list_models";

const DESCRIPTION: &str = "\
The models that make videos from images, each with the lengths it can make, what each length costs, and its aspect \
ratios. Costs nothing.";

pub(crate) fn tool() -> Tool {
    let annotations = ToolAnnotations::new().read_only(true).idempotent(true).open_world(false);
    Tool::new(NAME, DESCRIPTION, schema::object(json!({}), &[]))
        .with_title("List the video models")
        .with_raw_output_schema(model::list_schema())
        .with_annotations(annotations)
}

pub(crate) fn call(host: &Host, fields: JsonFields) -> CallToolResult {
    if let Err(violations) = fields.finish(Ok(())) {
        let view = ModelList { error: Some(ErrorView::from(&violations)), ..ModelList::default() };
        return reply::failed(reply::mistakes(&violations), &view);
    }
    reply::done(&ModelList {
        default_model: Some(host.videogen.config().default_model.clone()),
        models: Some(host.videogen.models().active().map(|model| ModelView::from(model.as_ref())).collect()),
        error: None,
    })
}
