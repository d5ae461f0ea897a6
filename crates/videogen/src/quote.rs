//! The price of a video, before there is a picture.

use videogen_domain::{CostEstimate, GenerationRequest, ImageInput, Violations, validate};

use crate::Videogen;

/// What a video will cost.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quote {
    /// Our name for the model.
    pub model_id: String,
    /// fal's name for it.
    pub endpoint_id: String,
    /// The length of the video in seconds, where it is known beforehand.
    pub duration_seconds: Option<u32>,
    /// What it will cost.
    pub estimate: CostEstimate,
}

impl Videogen {
    /// Prices a request by what decides the price: model, length, size, sound and parameters. The rest is not looked at and may be
    /// empty. Nothing is sent.
    ///
    /// # Errors
    /// Every mistake in these at once.
    pub fn quote(&self, request: &GenerationRequest) -> Result<Quote, Violations> {
        // Stand-ins that are valid for every model.
        let (image, prompt) = (ImageInput::Url(String::new()), "x".repeat(self.config.rules.min_prompt_length));
        let needs_end = self.models().get(&request.model).is_ok_and(|model| model.capabilities().needs_end_image);
        let mut priced = GenerationRequest::new(image.clone(), prompt).with_model(&request.model);
        priced.end_image = needs_end.then_some(image);
        priced.duration_seconds = request.duration_seconds;
        priced.resolution = request.resolution.clone();
        priced.audio = request.audio;
        priced.parameters = request.parameters.clone();
        priced.unchecked_parameters = request.unchecked_parameters.clone();
        let plan = validate(&priced, self.models(), &self.config.rules, Ok(None))?;
        Ok(Quote {
            model_id: plan.model_id,
            endpoint_id: plan.endpoint_id,
            duration_seconds: plan.duration_seconds,
            estimate: plan.estimate,
        })
    }
}
