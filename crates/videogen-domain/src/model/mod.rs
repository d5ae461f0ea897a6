//! Video models: what one takes, how long its videos are, what it costs.

mod parameter;
mod pricing;
mod registry;
mod spec;

use std::fmt::Debug;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

pub use parameter::{ParameterRole, ParameterSpec, ParameterType};
pub use pricing::Pricing;
pub use registry::{CatalogueError, ModelRegistry, UnknownModel};
pub use spec::{ModelSpec, PriceTag};

use crate::{CostEstimate, GenerationRequest, Usd, Violation};

/// A video model on fal. Implemented once over data by [`ModelSpec`].
pub trait VideoGenerationModel: Debug + Send + Sync {
    /// Our name for the model, for example `kling_2.1`.
    fn model_id(&self) -> &str;

    /// fal's name for it, for example `fal-ai/kling-video/v2.1/standard/image-to-video`.
    fn endpoint_id(&self) -> &str;

    /// The lengths that a video may have, in seconds, shortest first. Empty: the model has no such parameter.
    fn valid_durations(&self) -> Vec<u32>;

    /// The length of a video in seconds when the request names none; `None` when the model leaves it open.
    fn default_duration(&self) -> Option<u32>;

    /// The aspect ratios that the model itself can be asked for. Empty: the video follows the picture.
    fn valid_aspect_ratios(&self) -> Vec<String>;

    /// The parameter that takes the address of the start image.
    fn image_parameter(&self) -> &str;

    /// Everything that is wrong with the request as far as this model is concerned. Empty: nothing is.
    fn violations(&self, request: &GenerationRequest) -> Vec<Violation>;

    /// The input to send to fal, all but the start image. Sensible only when there are no
    /// [`violations`](Self::violations).
    fn prepare_parameters(&self, request: &GenerationRequest) -> Map<String, Value>;

    /// What the request will cost.
    fn calculate_cost(&self, request: &GenerationRequest) -> CostEstimate;

    /// What one billable unit costs in USD, to settle with fal's `x-fal-billable-units`; `None` when unknown.
    fn unit_price(&self) -> Option<Usd>;

    /// What `billable_units` units cost, rounded to a millionth of a dollar; `None` when the unit price is unknown.
    fn billed(&self, billable_units: Decimal) -> Option<Usd> {
        self.unit_price().map(|price| (price * billable_units).rounded_to_micros())
    }
}
