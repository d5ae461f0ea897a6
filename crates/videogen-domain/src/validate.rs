//! Checks a request: a plan, or every mistake at once.

use std::sync::Arc;

use crate::{
    AspectRatio, CostEstimate, Fit, GenerationPlan, GenerationRequest, ImageFacts, ImageInput, ModelRegistry, Notice,
    NoticeCode, PlannedImage, VideoGenerationModel, Violation, ViolationCode, Violations,
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

/// What was found out about a picture: its facts, `None` where nothing can be known beforehand (an address), or why it
/// cannot be used, which is then reported together with all other mistakes.
pub type Inspected = Result<Option<ImageFacts>, Violation>;

/// What was found out about the pictures of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct InspectedImages {
    /// The start image.
    pub image: Inspected,
    /// The picture for the last frame; `Ok(None)` where there is none.
    pub end_image: Inspected,
}

/// Only the start image was looked at.
impl From<Inspected> for InspectedImages {
    fn from(image: Inspected) -> Self {
        Self { image, end_image: Ok(None) }
    }
}

/// Checks a request against its model and the general rules. `images` is what was found out about its pictures.
///
/// # Errors
/// Every mistake: an unknown model first, then in the order of the request's fields.
pub fn validate(
    request: &GenerationRequest,
    models: &ModelRegistry,
    rules: &ValidationRules,
    images: impl Into<InspectedImages>,
) -> Result<GenerationPlan, Violations> {
    let images = images.into();
    let unusable = [&images.image, &images.end_image].into_iter().filter_map(|image| image.as_ref().err().cloned());
    let mut violations: Vec<Violation> = unusable.collect();
    match models.get(&request.model) {
        Ok(model) => check(request, model, rules, &images, violations),
        Err(unknown) => {
            // Without a model only the general rules can be looked at.
            violations.extend(short_prompt(request, rules));
            violations.extend(aspect_ratio_of(request, &common(rules)).err());
            let first = Violation::new("model", ViolationCode::UnknownModel, unknown.to_string())
                .with_suggestion(unknown.suggestion)
                .with_allowed(unknown.known);
            Err(Violations::of(first, violations))
        }
    }
}

fn check(
    request: &GenerationRequest,
    model: &Arc<dyn VideoGenerationModel>,
    rules: &ValidationRules,
    images: &InspectedImages,
    mut violations: Vec<Violation>,
) -> Result<GenerationPlan, Violations> {
    let model = model.as_ref();
    if model.needs_prompt(request) {
        violations.extend(short_prompt(request, rules));
    }
    let unsuitable = model.violations(request);
    let parameters = model.prepare_parameters(request);
    // What cannot be made has no price.
    let estimate = if unsuitable.is_empty() { model.calculate_cost(&parameters) } else { CostEstimate::Unknown };
    let too_dear = if unsuitable.is_empty() { over_budget(request, estimate) } else { None };
    violations.extend(unsuitable);
    let mut planned = |field, input: &ImageInput, inspected: &Inspected| {
        let facts = inspected.as_ref().ok().and_then(Option::as_ref);
        planned_image(field, input, facts, request, model, rules).unwrap_or_else(|found| {
            // What is wrong with the aspect ratio is wrong for both pictures, and said once.
            violations.extend(found.into_iter().filter(|new| !violations.contains(new)).collect::<Vec<_>>());
            PlannedImage { input: input.clone(), reshape: None }
        })
    };
    let image = planned("image", &request.image, &images.image);
    let end_image = request.end_image.as_ref().map(|end| planned("end_image", end, &images.end_image));
    violations.extend(too_dear);
    Violations::check(violations)?;
    Ok(GenerationPlan {
        model_id: model.model_id().to_owned(),
        endpoint_id: model.endpoint_id().to_owned(),
        image,
        end_image,
        duration_seconds: request.duration_seconds.or(model.default_duration()),
        estimate,
        parameters,
        notices: notices(request, model),
        file_name: request.file_name.clone(),
        image_parameter: model.image_parameter(),
        end_image_parameter: model.end_image_parameter().map(str::to_owned),
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

fn notices(request: &GenerationRequest, model: &dyn VideoGenerationModel) -> Vec<Notice> {
    let mut notices = model.notices(request);
    if !request.unchecked_parameters.is_empty() {
        let names: Vec<&str> = request.unchecked_parameters.keys().map(String::as_str).collect();
        let message = format!("{} sent unchecked; this may change the price", names.join(", "));
        notices.push(Notice { code: NoticeCode::UncheckedParameters, message });
    }
    notices
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

/// What has to be done to a picture before upload, or what is wrong with it for this model.
fn planned_image(
    field: &str,
    input: &ImageInput,
    facts: Option<&ImageFacts>,
    request: &GenerationRequest,
    model: &dyn VideoGenerationModel,
    rules: &ValidationRules,
) -> Result<PlannedImage, Vec<Violation>> {
    let reshape = reshape(input, facts, request, model, rules).map_err(|violation| vec![violation])?;
    let shaped = facts.map(|facts| match reshape {
        Some((ratio, fit)) => facts.reshaped(ratio, fit),
        None => facts.clone(),
    });
    let unsuitable = match (model.image_limits(), shaped) {
        (Some(limits), Some(facts)) => limits.violations(field, &facts),
        _ => Vec::new(),
    };
    if unsuitable.is_empty() { Ok(PlannedImage { input: input.clone(), reshape }) } else { Err(unsuitable) }
}

/// What has to be done to a picture so that the video gets the aspect ratio.
fn reshape(
    input: &ImageInput,
    facts: Option<&ImageFacts>,
    request: &GenerationRequest,
    model: &dyn VideoGenerationModel,
    rules: &ValidationRules,
) -> Result<Option<(AspectRatio, Fit)>, Violation> {
    let own = model.valid_aspect_ratios();
    if own.iter().any(|own| Some(own) == request.aspect_ratio.as_ref()) {
        return Ok(None);
    }
    if !own.is_empty() {
        return aspect_ratio_of(request, &own).map(|_| None);
    }
    let Some(ratio) = aspect_ratio_of(request, &common(rules))? else { return Ok(None) };
    if facts.is_some_and(|facts| ratio.fits(facts.width, facts.height)) {
        return Ok(None);
    }
    let conflict = |message: String| Violation::new("aspect_ratio", ViolationCode::Conflict, message);
    let format = facts.map(|facts| facts.format.as_str());
    match (request.fit, input) {
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

fn over_budget(request: &GenerationRequest, estimate: CostEstimate) -> Option<Violation> {
    let limit = request.max_cost?;
    let message = match estimate {
        CostEstimate::Unknown => format!("the cost of this video is unknown and may be {limit} at most"),
        CostEstimate::Exact(cost) | CostEstimate::UpTo(cost) if cost <= limit => return None,
        CostEstimate::Exact(cost) => format!("the video would cost {cost} and may cost {limit}"),
        CostEstimate::UpTo(cost) => format!(
            "the video would cost up to {cost} and may cost {limit}; say what the model may choose, such as the duration"
        ),
    };
    Some(Violation::new("max_cost", ViolationCode::OverBudget, message))
}
