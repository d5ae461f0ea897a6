//! Models and prices as callers see them.

use serde::Serialize;
use videogen::domain::{AspectRatio, VideoGenerationModel};
use videogen::{CostEstimate, GenerationRequest, ImageInput, Quote, Videogen};

use super::estimate;

/// Every model that fal offers.
#[derive(Debug, Serialize)]
pub(crate) struct ModelList {
    default_model: String,
    models: Vec<ModelView>,
}

/// One model.
#[derive(Debug, Serialize)]
struct ModelView {
    model: String,
    endpoint_id: String,
    durations: Vec<DurationView>,
    default_duration: Option<u32>,
    aspect_ratios: Vec<String>,
    reshapes_picture: bool,
}

#[derive(Debug, Serialize)]
struct DurationView {
    seconds: u32,
    estimate_usd: Option<String>,
}

/// A price.
#[derive(Debug, Serialize)]
pub(crate) struct QuoteView {
    model: String,
    endpoint_id: String,
    duration_seconds: Option<u32>,
    estimate_usd: Option<String>,
    estimate_is_upper_bound: bool,
}

impl ModelList {
    pub(crate) fn of(videogen: &Videogen) -> Self {
        let models = videogen.models().active().map(|model| ModelView::from(model.as_ref())).collect();
        Self { default_model: videogen.config().default_model.clone(), models }
    }
}

impl From<&dyn VideoGenerationModel> for ModelView {
    fn from(model: &dyn VideoGenerationModel) -> Self {
        let request = GenerationRequest::new(ImageInput::Url(String::new()), "").with_model(model.model_id());
        let durations = model.valid_durations().into_iter().map(|seconds| DurationView {
            seconds,
            estimate_usd: estimate(cost_of(model, &request.clone().with_duration_seconds(seconds))),
        });
        let own_ratios = model.valid_aspect_ratios();
        let reshapes_picture = own_ratios.is_empty();
        let common = || AspectRatio::COMMON.iter().map(AspectRatio::to_string).collect();
        Self {
            model: model.model_id().to_owned(),
            endpoint_id: model.endpoint_id().to_owned(),
            durations: durations.collect(),
            default_duration: model.default_duration(),
            aspect_ratios: if reshapes_picture { common() } else { own_ratios },
            reshapes_picture,
        }
    }
}

fn cost_of(model: &dyn VideoGenerationModel, request: &GenerationRequest) -> CostEstimate {
    model.calculate_cost(&model.prepare_parameters(request))
}

impl From<Quote> for QuoteView {
    fn from(quote: Quote) -> Self {
        Self {
            model: quote.model_id,
            endpoint_id: quote.endpoint_id,
            duration_seconds: quote.duration_seconds,
            estimate_usd: estimate(quote.estimate),
            estimate_is_upper_bound: matches!(quote.estimate, CostEstimate::UpTo(_)),
        }
    }
}
