//! Models and prices as clients see them.

use std::sync::Arc;

use rmcp::model::JsonObject;
use serde::Serialize;
use serde_json::json;
use videogen::domain::{AspectRatio, VideoGenerationModel};
use videogen::{CostEstimate, GenerationRequest, ImageInput, Quote};

use super::estimate;
use crate::schema;
use videogen::ErrorView;

/// Every model.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ModelList {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) models: Option<Vec<ModelView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ErrorView>,
}

/// One model.
#[derive(Debug, Serialize)]
pub(crate) struct ModelView {
    model: String,
    endpoint_id: String,
    durations: Vec<DurationView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_duration: Option<u32>,
    aspect_ratios: Vec<String>,
    crops_picture: bool,
}

#[derive(Debug, Serialize)]
struct DurationView {
    seconds: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate_usd: Option<String>,
}

/// A price.
#[derive(Debug, Default, Serialize)]
pub(crate) struct QuoteView {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate_usd: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    estimate_is_upper_bound: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView>,
}

impl From<&dyn VideoGenerationModel> for ModelView {
    fn from(model: &dyn VideoGenerationModel) -> Self {
        let request = GenerationRequest::new(ImageInput::Url(String::new()), "").with_model(model.model_id());
        let durations = model.valid_durations().into_iter().map(|seconds| DurationView {
            seconds,
            estimate_usd: estimate(cost_of(model, &request.clone().with_duration_seconds(seconds))),
        });
        let own_ratios = model.valid_aspect_ratios();
        let crops_picture = own_ratios.is_empty();
        let common = || AspectRatio::COMMON.iter().map(AspectRatio::to_string).collect();
        Self {
            model: model.model_id().to_owned(),
            endpoint_id: model.endpoint_id().to_owned(),
            durations: durations.collect(),
            default_duration: model.default_duration(),
            aspect_ratios: if crops_picture { common() } else { own_ratios },
            crops_picture,
        }
    }
}

impl QuoteView {
    /// No price.
    pub(crate) fn refused(error: ErrorView) -> Self {
        Self { error: Some(error), ..Self::default() }
    }
}

fn cost_of(model: &dyn VideoGenerationModel, request: &GenerationRequest) -> CostEstimate {
    model.calculate_cost(&model.prepare_parameters(request))
}

impl From<Quote> for QuoteView {
    fn from(quote: Quote) -> Self {
        Self {
            model: Some(quote.model_id),
            endpoint_id: Some(quote.endpoint_id),
            duration_seconds: quote.duration_seconds,
            estimate_usd: estimate(quote.estimate),
            estimate_is_upper_bound: matches!(quote.estimate, CostEstimate::UpTo(_)),
            error: None,
        }
    }
}

/// The schema of a [`ModelList`].
pub(crate) fn list_schema() -> Arc<JsonObject> {
    let text = json!({ "type": "string" });
    let duration = json!({
        "type": "object",
        "properties": {
            "seconds": { "type": "integer" },
            "estimate_usd": { "type": "string", "description": "In USD, exact, with all other parameters at their defaults." },
        },
        "required": ["seconds"],
    });
    let model = json!({
        "type": "object",
        "properties": {
            "model": text,
            "endpoint_id": text,
            "durations": { "type": "array", "items": duration },
            "default_duration": { "type": "integer", "description": "In seconds." },
            "aspect_ratios": { "type": "array", "items": text },
            "crops_picture": {
                "type": "boolean",
                "description": "Whether an aspect ratio is made by cropping the picture, which then must be a file.",
            },
        },
        "required": ["model", "endpoint_id", "durations", "aspect_ratios", "crops_picture"],
    });
    let properties = json!({
        "default_model": text,
        "models": { "type": "array", "items": model },
        "error": schema::error(),
    });
    schema::object(properties, &[])
}

/// The schema of a [`QuoteView`].
pub(crate) fn quote_schema() -> Arc<JsonObject> {
    let properties = json!({
        "model": { "type": "string" },
        "endpoint_id": { "type": "string" },
        "duration_seconds": { "type": "integer" },
        "estimate_usd": { "type": "string", "description": "In USD, exact; left out when it is not known." },
        "estimate_is_upper_bound": {
            "type": "boolean",
            "description": "True when the request leaves something to the model, such as the length: it costs this at most.",
        },
        "error": schema::error(),
    });
    schema::object(properties, &[])
}
