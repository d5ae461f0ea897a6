//! A model described by data: the one implementation of [`VideoGenerationModel`] in this crate.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::parameter::plain;
use super::pricing::Conditions;
use super::{
    Capabilities, FrameCount, ImageLimits, ImageParameter, ParameterRole, ParameterSpec, Pricing, Sound,
    VideoGenerationModel, estimate, prepare, request_check, seconds,
};
use crate::{CostEstimate, GenerationRequest, Notice, NoticeCode, Usd, Violation};

/// A model described by data: one `[[model]]` table of a catalogue file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// Our name for the model.
    pub id: String,
    /// fal's name for it.
    pub endpoint_id: String,
    /// What a person calls it.
    pub display_name: String,
    /// The family it belongs to, for example `kling`.
    pub family: Option<String>,
    /// Since when fal no longer offers it, and what took its place.
    pub retired: Option<Retired>,
    /// Names that people try which the model does not have, each with the parameter to use in its place.
    #[serde(default)]
    pub instead: BTreeMap<String, String>,
    /// The length of every video in seconds, where the model has no parameter for it.
    pub fixed_seconds: Option<u32>,
    /// How the length is told by a number of frames.
    pub frames: Option<FrameCount>,
    /// Whether the videos have sound although no parameter says so.
    #[serde(default)]
    pub native_audio: bool,
    /// What else there is to know.
    #[serde(default)]
    pub notes: Vec<String>,
    /// How it is billed. `None`: nobody knows.
    pub pricing: Option<Pricing>,
    /// Combinations that the model refuses.
    #[serde(default)]
    pub conflicts: Vec<ParameterConflict>,
    /// What it takes, in fal's order.
    pub parameters: Vec<ParameterSpec>,
}

/// Since when fal no longer offers a model, and what took its place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    /// The day, as `2026-06-30`.
    pub since: String,
    /// The name of the model that comes nearest to it now.
    pub successor: String,
}

/// A combination of parameters that a model refuses.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterConflict {
    /// When all of these hold, the request is refused.
    pub when: Conditions,
    /// The rule that is broken then, in one clause without a full stop.
    pub rule: String,
}

impl ModelSpec {
    pub(super) fn with_role(&self, role: ParameterRole) -> Option<&ParameterSpec> {
        self.parameters.iter().find(|parameter| parameter.role == Some(role))
    }

    pub(super) fn named(&self, name: &str) -> Option<&ParameterSpec> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The parameter that takes the number of frames, with how it counts.
    pub(super) fn frame_count(&self) -> Option<(&FrameCount, &ParameterSpec)> {
        let frames = self.frames.as_ref()?;
        Some((frames, self.named(&frames.parameter)?))
    }

    /// Takes the start image: a parameter of its own, or else the list of reference images.
    pub(super) fn image_spec(&self) -> Option<&ParameterSpec> {
        self.with_role(ParameterRole::StartImage).or_else(|| self.with_role(ParameterRole::ReferenceImages))
    }

    fn values_of(&self, role: ParameterRole) -> Vec<String> {
        self.with_role(role).into_iter().flat_map(|parameter| &parameter.allowed).map(plain).collect()
    }

    pub(super) fn sound(&self) -> Sound {
        match self.with_role(ParameterRole::Audio).map(|parameter| parameter.default == Some(Value::Bool(true))) {
            Some(on_by_default) => Sound::Switch { on_by_default },
            None if self.native_audio => Sound::Always,
            None => Sound::Never,
        }
    }
}

impl VideoGenerationModel for ModelSpec {
    fn model_id(&self) -> &str {
        &self.id
    }

    fn endpoint_id(&self) -> &str {
        &self.endpoint_id
    }

    fn display_name(&self) -> &str {
        &self.display_name
    }

    fn valid_durations(&self) -> Vec<u32> {
        match (self.with_role(ParameterRole::Duration), self.frame_count()) {
            (Some(duration), _) => seconds::durations(duration),
            (None, Some((frames, parameter))) => frames.durations(parameter),
            (None, None) => Vec::new(),
        }
    }

    fn default_duration(&self) -> Option<u32> {
        match (self.with_role(ParameterRole::Duration), self.frame_count()) {
            (Some(duration), _) => seconds::seconds_of(duration.default.as_ref()?),
            (None, Some((frames, parameter))) => frames.whole_seconds(parameter.default.as_ref()?),
            (None, None) => self.fixed_seconds,
        }
    }

    fn valid_aspect_ratios(&self) -> Vec<String> {
        self.values_of(ParameterRole::AspectRatio)
    }

    fn image_parameter(&self) -> ImageParameter {
        match self.image_spec() {
            Some(spec) => {
                ImageParameter { name: spec.name.clone(), is_list: spec.role == Some(ParameterRole::ReferenceImages) }
            }
            None => ImageParameter::default(),
        }
    }

    fn end_image_parameter(&self) -> Option<&str> {
        self.with_role(ParameterRole::EndImage).map(|parameter| parameter.name.as_str())
    }

    fn image_limits(&self) -> Option<&ImageLimits> {
        self.image_spec()?.image.as_ref()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            end_image: self.with_role(ParameterRole::EndImage).is_some_and(|end| end.ignored.is_none()),
            needs_end_image: self.with_role(ParameterRole::EndImage).is_some_and(|end| !end.is_optional()),
            reference_images: self.with_role(ParameterRole::ReferenceImages).is_some(),
            sound: self.sound(),
            resolutions: self.values_of(ParameterRole::Resolution),
            aspect_ratios: self.valid_aspect_ratios(),
            negative_prompt: self.with_role(ParameterRole::NegativePrompt).is_some(),
            camera: self.with_role(ParameterRole::Camera).is_some(),
            seed: self.with_role(ParameterRole::Seed).is_some(),
        }
    }

    fn retired(&self) -> Option<&Retired> {
        self.retired.as_ref()
    }

    fn notices(&self, _request: &GenerationRequest) -> Vec<Notice> {
        let retired = self.retired.as_ref().map(|retired| {
            let message = format!(
                "fal no longer offers {} since {}; {} comes nearest to it",
                self.id, retired.since, retired.successor
            );
            Notice { code: NoticeCode::RetiredModel, message }
        });
        let price = self.pricing.as_ref().and_then(|pricing| pricing.doubt()).map(|doubt| {
            let message = format!("the price of {} {doubt}", self.id);
            Notice { code: NoticeCode::UncertainPrice, message }
        });
        retired.into_iter().chain(price).collect()
    }

    fn needs_prompt(&self, request: &GenerationRequest) -> bool {
        let given = |name: &str| request.unchecked_parameters.get(name).or_else(|| request.parameters.get(name));
        let shots = self.with_role(ParameterRole::Shots).and_then(|shots| given(&shots.name));
        self.with_role(ParameterRole::Prompt).is_some() && shots.is_none_or(Value::is_null)
    }

    fn violations(&self, request: &GenerationRequest) -> Vec<Violation> {
        request_check::violations(self, request)
    }

    fn prepare_parameters(&self, request: &GenerationRequest) -> Map<String, Value> {
        prepare::input(self, request)
    }

    fn calculate_cost(&self, parameters: &Map<String, Value>) -> CostEstimate {
        estimate::of(self, parameters)
    }

    fn seconds(&self, parameters: &Map<String, Value>) -> Option<Decimal> {
        estimate::seconds(self, parameters)
    }

    fn unit_price(&self) -> Option<Usd> {
        self.pricing.as_ref()?.unit_price_usd
    }
}
