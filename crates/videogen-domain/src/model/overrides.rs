//! What a user's configuration changes about a model.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::{Capabilities, ImageLimits, ImageParameter, Retired, VideoGenerationModel};
use crate::{CostEstimate, GenerationRequest, Notice, Usd, Violation, ViolationCode};

/// What a user's configuration changes about a model. Nothing in it: the model stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ModelOverride {
    /// USD for a second of video, in place of the catalogue's price.
    pub cost_per_second: Option<Usd>,
    /// The lengths that may be asked for, in seconds: some of the model's own.
    pub valid_durations: Option<Vec<u32>>,
    /// The least `motion_strength`, where the model has such a parameter.
    pub min_motion_strength: Option<f64>,
    /// The greatest `motion_strength`, where the model has such a parameter.
    pub max_motion_strength: Option<f64>,
    /// `false`: requests with a `prompt_optimizer` are refused.
    pub supports_prompt_optimizer: Option<bool>,
}

/// A model, changed by configuration.
#[derive(Debug)]
pub(super) struct Overridden {
    model: Arc<dyn VideoGenerationModel>,
    change: ModelOverride,
}

impl Overridden {
    /// Refuses, with the reason, what the model cannot be.
    pub(super) fn new(model: Arc<dyn VideoGenerationModel>, change: ModelOverride) -> Result<Self, String> {
        if let Some(durations) = &change.valid_durations {
            let own = model.valid_durations();
            if durations.is_empty() {
                return Err("valid_durations is empty; leave it out to keep the model's own".to_owned());
            }
            if let Some(impossible) = durations.iter().find(|seconds| !own.contains(seconds)) {
                return Err(format!("it cannot make a video of {impossible} s; it makes those of {own:?} s"));
            }
        }
        let (min, max) = (change.min_motion_strength, change.max_motion_strength);
        if min.zip(max).is_some_and(|(min, max)| max < min) {
            return Err("min_motion_strength is greater than max_motion_strength".to_owned());
        }
        Ok(Self { model, change })
    }

    fn duration_violation(&self, request: &GenerationRequest) -> Option<Violation> {
        let (asked, valid) = (request.duration_seconds?, self.change.valid_durations.as_ref()?);
        let refused = !valid.contains(&asked) && self.model.valid_durations().contains(&asked);
        refused.then(|| {
            let message = format!("{} may not be asked for {asked} s here", self.model_id());
            Violation::new("duration", ViolationCode::NotAllowed, message)
                .with_allowed(self.valid_durations().iter().map(u32::to_string).collect())
        })
    }

    fn motion_strength_violation(&self, request: &GenerationRequest) -> Option<Violation> {
        let strength = request.parameters.get("motion_strength")?.as_f64()?;
        let limit = match (self.change.min_motion_strength, self.change.max_motion_strength) {
            (Some(min), _) if strength < min => format!("at least {min}"),
            (_, Some(max)) if max < strength => format!("at most {max}"),
            _ => return None,
        };
        let message = format!("motion_strength must be {limit} here, not {strength}");
        Some(Violation::new("parameters.motion_strength", ViolationCode::OutOfRange, message))
    }

    fn optimizer_violation(&self, request: &GenerationRequest) -> Option<Violation> {
        let refused =
            self.change.supports_prompt_optimizer == Some(false) && request.parameters.contains_key("prompt_optimizer");
        refused.then(|| {
            let message = format!("prompt_optimizer is switched off for {} here", self.model_id());
            Violation::new("parameters.prompt_optimizer", ViolationCode::NotAllowed, message)
        })
    }
}

impl VideoGenerationModel for Overridden {
    fn model_id(&self) -> &str {
        self.model.model_id()
    }

    fn endpoint_id(&self) -> &str {
        self.model.endpoint_id()
    }

    fn display_name(&self) -> &str {
        self.model.display_name()
    }

    fn valid_durations(&self) -> Vec<u32> {
        let own = self.model.valid_durations();
        match &self.change.valid_durations {
            Some(kept) => own.into_iter().filter(|seconds| kept.contains(seconds)).collect(),
            None => own,
        }
    }

    /// The model's own default, unless it is no longer valid: then the shortest.
    fn default_duration(&self) -> Option<u32> {
        let valid = self.valid_durations();
        let own = self.model.default_duration();
        if own.is_some_and(|own| valid.contains(&own)) || self.change.valid_durations.is_none() {
            return own;
        }
        valid.first().copied()
    }

    fn valid_aspect_ratios(&self) -> Vec<String> {
        self.model.valid_aspect_ratios()
    }

    fn image_parameter(&self) -> ImageParameter {
        self.model.image_parameter()
    }

    fn end_image_parameter(&self) -> Option<&str> {
        self.model.end_image_parameter()
    }

    fn image_limits(&self) -> Option<&ImageLimits> {
        self.model.image_limits()
    }

    fn capabilities(&self) -> Capabilities {
        self.model.capabilities()
    }

    fn retired(&self) -> Option<&Retired> {
        self.model.retired()
    }

    fn notices(&self, request: &GenerationRequest) -> Vec<Notice> {
        self.model.notices(request)
    }

    fn needs_prompt(&self, request: &GenerationRequest) -> bool {
        self.model.needs_prompt(request)
    }

    fn violations(&self, request: &GenerationRequest) -> Vec<Violation> {
        let own = [
            self.duration_violation(request),
            self.motion_strength_violation(request),
            self.optimizer_violation(request),
        ];
        let mut violations = self.model.violations(request);
        violations.extend(own.into_iter().flatten());
        violations
    }

    fn prepare_parameters(&self, request: &GenerationRequest) -> Map<String, Value> {
        match (request.duration_seconds, self.default_duration()) {
            (None, Some(seconds)) if self.change.valid_durations.is_some() => {
                self.model.prepare_parameters(&request.clone().with_duration_seconds(seconds))
            }
            _ => self.model.prepare_parameters(request),
        }
    }

    fn calculate_cost(&self, parameters: &Map<String, Value>) -> CostEstimate {
        let Some(per_second) = self.change.cost_per_second else { return self.model.calculate_cost(parameters) };
        match self.model.seconds(parameters) {
            Some(seconds) => CostEstimate::Exact(per_second * seconds),
            None => match self.valid_durations().last() {
                Some(longest) => CostEstimate::UpTo(per_second * Decimal::from(*longest)),
                None => CostEstimate::Unknown,
            },
        }
    }

    fn seconds(&self, parameters: &Map<String, Value>) -> Option<Decimal> {
        self.model.seconds(parameters)
    }

    fn unit_price(&self) -> Option<Usd> {
        self.model.unit_price()
    }
}
