//! Checks a request: a plan, or every mistake at once.

use crate::{
    AspectRatio, Fit, GenerationPlan, GenerationRequest, ImageFacts, ImageInput, ModelRegistry, VideoGenerationModel,
    Violation, ViolationCode, Violations,
};

/// The formats of pictures that can be cropped and padded.
const RESHAPED: [&str; 3] = ["png", "jpeg", "webp"];

/// What holds for every model.
///
/// # Defaults
/// - `min_prompt_length`: 10 characters
/// - `aspect_ratios`: 16:9, 9:16, 1:1, 4:5
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationRules {
    /// The least number of characters of a motion prompt, outer spaces not counted.
    pub min_prompt_length: usize,
    /// The aspect ratios that may be asked for where the model has no list of its own.
    pub aspect_ratios: Vec<AspectRatio>,
}

impl Default for ValidationRules {
    fn default() -> Self {
        Self { min_prompt_length: 10, aspect_ratios: AspectRatio::COMMON.to_vec() }
    }
}

/// Checks a request against its model and the general rules.
///
/// `image` is what was found out about the picture: its facts, `None` where nothing can be known beforehand (an
/// address), or why it cannot be used, which is then reported together with all other mistakes.
///
/// # Errors
/// Every mistake: an unknown model first, then in the order of the request's fields.
pub fn validate(
    request: &GenerationRequest,
    models: &ModelRegistry,
    rules: &ValidationRules,
    image: Result<Option<ImageFacts>, Violation>,
) -> Result<GenerationPlan, Violations> {
    let (facts, unusable) = match image {
        Ok(facts) => (facts, None),
        Err(violation) => (None, Some(violation)),
    };
    let mut violations: Vec<Violation> = unusable.into_iter().chain(short_prompt(request, rules)).collect();
    let model = match models.get(&request.model) {
        Ok(model) => model,
        Err(unknown) => {
            // Without a model only the general rules can be looked at.
            violations.extend(aspect_ratio_of(request, &common(rules)).err());
            let first = Violation::new("model", ViolationCode::UnknownModel, unknown.to_string())
                .with_suggestion(unknown.suggestion)
                .with_allowed(unknown.known);
            return Err(Violations::of(first, violations));
        }
    };
    let unsuitable = model.violations(request);
    // What cannot be made has no price to compare.
    let too_dear = if unsuitable.is_empty() { over_budget(request, model.as_ref()) } else { None };
    violations.extend(unsuitable);
    let reshape = reshape(request, model.as_ref(), rules, facts.as_ref());
    violations.extend(reshape.as_ref().err().cloned());
    violations.extend(too_dear);
    Violations::check(violations)?;
    Ok(GenerationPlan {
        model_id: model.model_id().to_owned(),
        endpoint_id: model.endpoint_id().to_owned(),
        image: request.image.clone(),
        reshape: reshape.ok().flatten(),
        duration_seconds: request.duration_seconds.or(model.default_duration()),
        estimate: model.calculate_cost(request),
        parameters: model.prepare_parameters(request),
        file_name: request.file_name.clone(),
        image_parameter: model.image_parameter().to_owned(),
    })
}

fn short_prompt(request: &GenerationRequest, rules: &ValidationRules) -> Option<Violation> {
    let (length, min) = (request.motion_prompt.trim().chars().count(), rules.min_prompt_length);
    (length < min).then(|| {
        let message = format!(
            "the motion prompt has {length} characters and needs at least {min}; say how the picture shall move"
        );
        Violation::new("motion_prompt", ViolationCode::TooShort, message)
    })
}

fn common(rules: &ValidationRules) -> Vec<String> {
    rules.aspect_ratios.iter().map(AspectRatio::to_string).collect()
}

/// The aspect ratio that is asked for, if it is one of those allowed.
fn aspect_ratio_of(request: &GenerationRequest, allowed: &[String]) -> Result<Option<AspectRatio>, Violation> {
    let Some(text) = &request.aspect_ratio else { return Ok(None) };
    let refused = |message| {
        Violation::new("aspect_ratio", ViolationCode::NotAllowed, message)
            .with_allowed(allowed.to_vec())
            .with_suggestion(crate::nearest(text, allowed.iter().map(String::as_str)).map(str::to_owned))
    };
    let ratio: AspectRatio = text.parse().map_err(|error: crate::ParseAspectRatioError| refused(error.to_string()))?;
    if allowed.contains(&ratio.to_string()) {
        Ok(Some(ratio))
    } else {
        Err(refused(format!("{text} is not an aspect ratio that can be made")))
    }
}

/// What has to be done to the picture so that the video gets the aspect ratio.
fn reshape(
    request: &GenerationRequest,
    model: &dyn VideoGenerationModel,
    rules: &ValidationRules,
    facts: Option<&ImageFacts>,
) -> Result<Option<(AspectRatio, Fit)>, Violation> {
    let own = model.valid_aspect_ratios();
    if !own.is_empty() {
        return aspect_ratio_of(request, &own).map(|_| None);
    }
    let Some(ratio) = aspect_ratio_of(request, &common(rules))? else { return Ok(None) };
    if facts.is_some_and(|facts| ratio.fits(facts.width, facts.height)) {
        return Ok(None);
    }
    let conflict = |message: String| Violation::new("aspect_ratio", ViolationCode::Conflict, message);
    let format = facts.map(|facts| facts.format.as_str());
    match (request.fit, &request.image) {
        (Fit::None, _) => Err(conflict(format!(
            "{} follows the picture, which is not {ratio}; let it be cropped or padded, or leave the aspect ratio out",
            model.model_id()
        ))),
        (_, ImageInput::Url(_)) => Err(conflict(format!(
            "{} follows the picture, and a picture that is given by its address cannot be brought to {ratio}; \
             give the file, or leave the aspect ratio out",
            model.model_id()
        ))),
        _ if format.is_some_and(|format| !RESHAPED.contains(&format)) => Err(conflict(format!(
            "{} follows the picture, and only a PNG, JPEG or WebP can be brought to {ratio}; \
             give such a file, or leave the aspect ratio out",
            model.model_id()
        ))),
        (fit, _) => Ok(Some((ratio, fit))),
    }
}

fn over_budget(request: &GenerationRequest, model: &dyn VideoGenerationModel) -> Option<Violation> {
    let limit = request.max_cost?;
    let estimate = model.calculate_cost(request);
    let message = match estimate.upper_bound() {
        Some(cost) if cost <= limit => return None,
        Some(cost) => format!("the video would cost {cost} and may cost {limit}"),
        None => format!("the cost of this video is unknown and may be {limit} at most"),
    };
    Some(Violation::new("max_cost", ViolationCode::OverBudget, message))
}
