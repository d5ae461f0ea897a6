//! `estimate_cost`: the price of a video, before there is a picture.

use rmcp::model::{CallToolResult, Tool, ToolAnnotations};
use serde_json::json;
use videogen::{GenerationRequest, ImageInput, JsonFields};

use crate::reply;
use crate::schema;
use crate::server::Host;
use crate::view::model::{self, QuoteView};
use videogen::ErrorView;

pub(crate) const NAME: &str = "estimate_cost";

const DESCRIPTION: &str = "\
What a video will cost, to the cent, by model, length, size, sound and parameters. Nothing is sent and nothing is paid.";

pub(crate) fn tool() -> Tool {
    let properties = json!({
        "model": {
            "type": "string",
            "description": format!("A model's name or endpoint id. Default: the configured one, {} unless set otherwise.", GenerationRequest::DEFAULT_MODEL),
        },
        "duration": { "type": "integer", "description": "Length of the video in seconds. Default: the model's own." },
        "resolution": { "type": "string", "description": "The size by the model's own names. Default: the model's own." },
        "audio": { "type": "boolean", "description": "Whether the video has sound. Default: the model's own." },
        "parameters": {
            "type": "object",
            "description": "Further parameters of the model, by fal's names; some change the price.",
        },
    });
    let annotations = ToolAnnotations::new().read_only(true).idempotent(true).open_world(false);
    Tool::new(NAME, DESCRIPTION, schema::object(properties, &[]))
        .with_title("Estimate the cost of a video")
        .with_raw_output_schema(model::quote_schema())
        .with_annotations(annotations)
}

pub(crate) fn call(host: &Host, mut fields: JsonFields) -> CallToolResult {
    let mut request = host.videogen.request(ImageInput::Url(String::new()), "");
    request.model = fields.text("model").unwrap_or(request.model);
    request.duration_seconds = fields.whole_number("duration");
    request.resolution = fields.text("resolution");
    request.audio = fields.flag("audio");
    request.parameters = fields.object("parameters").unwrap_or_default().into_iter().collect();
    match fields.finish(host.videogen.quote(&request)) {
        Ok(quote) => reply::done(&QuoteView::from(quote)),
        Err(violations) => {
            reply::failed(reply::mistakes(&violations), &QuoteView::refused(ErrorView::from(&violations)))
        }
    }
}
