//! A model described by data: the one implementation of [`VideoGenerationModel`].

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::parameter::{plain, seconds_of};
use super::pricing::usd;
use super::{ParameterRole, ParameterSpec, Pricing, VideoGenerationModel};
use crate::{CostEstimate, GenerationRequest, Usd, Violation, ViolationCode, nearest};

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
    /// Names that people try which the model does not have, each with the parameter to use in its place.
    #[serde(default)]
    pub instead: BTreeMap<String, String>,
    /// How it is billed.
    pub pricing: PriceTag,
    /// What it takes.
    #[serde(rename = "parameter")]
    pub parameters: Vec<ParameterSpec>,
}

/// How a model is billed, since when, and who says so.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PriceTag {
    /// The rule.
    #[serde(flatten)]
    pub rule: Pricing,
    /// What fal's pricing API calls `unit_price`: USD for one of the units in `x-fal-billable-units`.
    #[serde(deserialize_with = "usd")]
    pub unit_price_usd: Usd,
    /// The day on which the price was last seen, as `2026-08-16`.
    pub as_of: String,
    /// Where it was seen.
    pub source: String,
}

impl ModelSpec {
    fn with_role(&self, role: ParameterRole) -> Option<&ParameterSpec> {
        self.parameters.iter().find(|parameter| parameter.role == Some(role))
    }

    fn named(&self, name: &str) -> Option<&ParameterSpec> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    fn duration_value(&self, seconds: u32) -> Option<&Value> {
        let duration = self.with_role(ParameterRole::Duration)?;
        duration.allowed.iter().find(|value| seconds_of(value) == Some(seconds))
    }

    fn duration_violation(&self, request: &GenerationRequest) -> Option<Violation> {
        let seconds = request.duration_seconds?;
        let valid = self.valid_durations();
        if valid.contains(&seconds) || (valid.is_empty() && self.default_duration() == Some(seconds)) {
            return None;
        }
        let message = format!("{} cannot make a video of {seconds} s", self.id);
        let closest = valid.iter().min_by_key(|valid| valid.abs_diff(seconds)).map(u32::to_string);
        let allowed = valid.iter().map(u32::to_string).collect();
        Some(
            Violation::new("duration", ViolationCode::NotAllowed, message)
                .with_allowed(allowed)
                .with_suggestion(closest),
        )
    }

    /// A named parameter must exist, must not be one that the request has a field for, and must take the value.
    fn parameter_violation(&self, name: &str, value: &Value) -> Option<Violation> {
        let field = format!("parameters.{name}");
        let Some(parameter) = self.named(name) else {
            return Some(self.unknown_parameter(&field, name));
        };
        let own_field = match parameter.role {
            Some(ParameterRole::Prompt) => Some("motion_prompt"),
            Some(ParameterRole::StartImage) => Some("image"),
            Some(ParameterRole::Duration) => Some("duration"),
            Some(ParameterRole::AspectRatio) => Some("aspect_ratio"),
            Some(ParameterRole::NegativePrompt) => Some("negative_prompt"),
            Some(ParameterRole::EndImage | ParameterRole::Resolution) | None => None,
        };
        if let Some(own_field) = own_field {
            let message = format!("{name} is set by {own_field}");
            return Some(
                Violation::new(&field, ViolationCode::Conflict, message).with_suggestion(Some(own_field.to_owned())),
            );
        }
        parameter.violation(&field, value)
    }

    /// fal accepts, ignores and bills unknown parameters, so they are refused here.
    fn unknown_parameter(&self, field: &str, name: &str) -> Violation {
        let names = || self.parameters.iter().filter(|parameter| !parameter.is_own_field());
        let near = self.instead.get(name).map(String::as_str);
        let near = near.or_else(|| nearest(name, names().map(|parameter| parameter.name.as_str())));
        let message = format!("{} has no parameter {name}", self.id);
        Violation::new(field, ViolationCode::UnknownParameter, message)
            .with_allowed(names().map(|parameter| parameter.name.clone()).collect())
            .with_suggestion(near.map(str::to_owned))
    }

    fn negative_prompt_violation(&self, request: &GenerationRequest) -> Option<Violation> {
        let text = request.negative_prompt.as_ref()?;
        match self.with_role(ParameterRole::NegativePrompt) {
            Some(parameter) => parameter.violation("negative_prompt", &Value::from(text.as_str())),
            None => Some(Violation::new(
                "negative_prompt",
                ViolationCode::UnknownParameter,
                format!("{} takes no negative prompt", self.id),
            )),
        }
    }

    fn prompt_violation(&self, request: &GenerationRequest) -> Option<Violation> {
        let prompt = self.with_role(ParameterRole::Prompt)?;
        prompt.violation("motion_prompt", &Value::from(request.motion_prompt.as_str()))
    }

    /// The value that a parameter will have: the request's, else the default.
    fn value_of(&self, request: &GenerationRequest, name: &str) -> Option<String> {
        request.parameters.get(name).or(self.named(name)?.default.as_ref()).map(plain)
    }
}

impl ParameterSpec {
    /// Whether the request has a field for it, so that it is not given by name.
    fn is_own_field(&self) -> bool {
        !matches!(self.role, Some(ParameterRole::EndImage | ParameterRole::Resolution) | None)
    }
}

impl VideoGenerationModel for ModelSpec {
    fn model_id(&self) -> &str {
        &self.id
    }

    fn endpoint_id(&self) -> &str {
        &self.endpoint_id
    }

    fn valid_durations(&self) -> Vec<u32> {
        let duration = self.with_role(ParameterRole::Duration);
        let mut seconds: Vec<u32> =
            duration.into_iter().flat_map(|duration| &duration.allowed).filter_map(seconds_of).collect();
        seconds.sort_unstable();
        seconds
    }

    fn default_duration(&self) -> Option<u32> {
        seconds_of(self.with_role(ParameterRole::Duration)?.default.as_ref()?)
    }

    fn valid_aspect_ratios(&self) -> Vec<String> {
        let ratio = self.with_role(ParameterRole::AspectRatio);
        ratio.into_iter().flat_map(|ratio| &ratio.allowed).map(plain).collect()
    }

    fn image_parameter(&self) -> &str {
        self.with_role(ParameterRole::StartImage).map_or("image_url", |parameter| &parameter.name)
    }

    fn violations(&self, request: &GenerationRequest) -> Vec<Violation> {
        let fields =
            [self.prompt_violation(request), self.duration_violation(request), self.negative_prompt_violation(request)];
        let named = request.parameters.iter().filter_map(|(name, value)| self.parameter_violation(name, value));
        fields.into_iter().flatten().chain(named).collect()
    }

    fn prepare_parameters(&self, request: &GenerationRequest) -> Map<String, Value> {
        let mut input: Map<String, Value> =
            request.parameters.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut set = |role, value: Option<Value>| {
            if let (Some(parameter), Some(value)) = (self.with_role(role), value) {
                input.insert(parameter.name.clone(), value);
            }
        };
        set(ParameterRole::Prompt, Some(request.motion_prompt.trim().into()));
        set(ParameterRole::NegativePrompt, request.negative_prompt.clone().map(Value::from));
        // The length is always written out, so that a change of fal's default cannot change the price.
        let seconds = request.duration_seconds.or(self.default_duration());
        set(ParameterRole::Duration, seconds.and_then(|seconds| self.duration_value(seconds).cloned()));
        if !self.valid_aspect_ratios().is_empty() {
            set(ParameterRole::AspectRatio, request.aspect_ratio.clone().map(Value::from));
        }
        // So is whatever else the price depends on.
        if let Pricing::PerSecondBy { parameter, .. } = &self.pricing.rule
            && let Some(default) = self.named(parameter).and_then(|parameter| parameter.default.clone())
        {
            input.entry(parameter).or_insert(default);
        }
        input
    }

    fn calculate_cost(&self, request: &GenerationRequest) -> CostEstimate {
        let seconds = request.duration_seconds.or(self.default_duration());
        let cost = self.pricing.rule.cost(seconds, |name| self.value_of(request, name));
        cost.map_or(CostEstimate::Unknown, CostEstimate::Exact)
    }

    fn unit_price(&self) -> Option<Usd> {
        Some(self.pricing.unit_price_usd)
    }
}
