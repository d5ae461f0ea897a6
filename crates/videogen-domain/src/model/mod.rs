//! Video models: what one takes, how long its videos are, what it costs.

mod parameter;
mod image_limits;
mod seconds;
mod pricing;
mod capabilities;
mod spec;
mod spec_check;
mod prepare;
mod request_check;
mod estimate;
mod openapi;
mod overrides;
mod registry;

use std::fmt::Debug;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

pub use capabilities::{Capabilities, ImageParameter, Sound};
pub use image_limits::ImageLimits;
pub use openapi::OpenApiError;
pub use overrides::ModelOverride;
pub use parameter::{ParameterRole, ParameterSpec, ParameterType};
pub use pricing::{Condition, Conditions, Confidence, Extra, Multiplier, Pricing, Rate, VideoTokens};
pub use registry::{CatalogueError, ModelRegistry, UnknownModel};
pub use seconds::FrameCount;
pub use spec::{ModelSpec, ParameterConflict, Retired};

use crate::{CostEstimate, GenerationRequest, Notice, Usd, Violation};

/// A video model on fal. Implemented once over data by [`ModelSpec`]; a model that no data describes implements it by
/// itself and joins the others by [`ModelRegistry::register`].
pub trait VideoGenerationModel: Debug + Send + Sync {
    /// Our name for the model, for example `kling_2.1`.
    fn model_id(&self) -> &str;

    /// fal's name for it, for example `fal-ai/kling-video/v2.1/standard/image-to-video`.
    fn endpoint_id(&self) -> &str;

    /// What a person calls it. Default: [`model_id`](Self::model_id).
    fn display_name(&self) -> &str {
        self.model_id()
    }

    /// The lengths that a video may have, in whole seconds, shortest first. Empty: it cannot be asked for a length.
    fn valid_durations(&self) -> Vec<u32>;

    /// The length of a video in seconds when the request names none; `None` when the model leaves it open.
    fn default_duration(&self) -> Option<u32>;

    /// The aspect ratios that the model itself can be asked for. Empty: the video follows the picture.
    fn valid_aspect_ratios(&self) -> Vec<String>;

    /// The parameter that takes the start image. Default: `image_url`.
    fn image_parameter(&self) -> ImageParameter {
        ImageParameter::default()
    }

    /// The parameter that takes the last frame. Default: there is none.
    fn end_image_parameter(&self) -> Option<&str> {
        None
    }

    /// What the pictures must be like. Default: nothing is said.
    fn image_limits(&self) -> Option<&ImageLimits> {
        None
    }

    /// What the model can do, for choosing one. Default: nothing beyond a video.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// Since when fal no longer offers the model. Default: it does.
    fn retired(&self) -> Option<&Retired> {
        None
    }

    /// What a caller should know before paying, although the request is valid. Default: nothing.
    fn notices(&self, _request: &GenerationRequest) -> Vec<Notice> {
        Vec::new()
    }

    /// Whether the request needs a motion prompt. Default: it does.
    fn needs_prompt(&self, _request: &GenerationRequest) -> bool {
        true
    }

    /// Everything that is wrong with the request as far as this model is concerned. Empty: nothing is.
    fn violations(&self, request: &GenerationRequest) -> Vec<Violation>;

    /// The input to send to fal, all but the pictures. Sensible only when there are no
    /// [`violations`](Self::violations).
    fn prepare_parameters(&self, request: &GenerationRequest) -> Map<String, Value>;

    /// What an input of [`prepare_parameters`](Self::prepare_parameters) will cost: priced is what is sent.
    fn calculate_cost(&self, parameters: &Map<String, Value>) -> CostEstimate;

    /// The length in seconds that an input asks for; `None` where it is left to the model. Default: `None`.
    fn seconds(&self, _parameters: &Map<String, Value>) -> Option<Decimal> {
        None
    }

    /// What one billable unit costs in USD, to settle with fal's `x-fal-billable-units`; `None` when unknown.
    fn unit_price(&self) -> Option<Usd>;

    /// What `billable_units` units cost, rounded to a millionth of a dollar; `None` when the unit price is unknown.
    fn billed(&self, billable_units: Decimal) -> Option<Usd> {
        self.unit_price().map(|price| (price * billable_units).rounded_to_micros())
    }
}
