//! Checks a request: a plan, or every mistake at once.

use crate::planned_image::{aspect_ratio_of, common, planned_image};
use crate::platform_choice::completed;
use crate::{
    AspectRatio, CostEstimate, GenerationPlan, GenerationRequest, ImageFacts, ImageInput, LearnedUnits, ModelRegistry,
    Notice, NoticeCode, PlannedImage, VideoGenerationModel, Violation, ViolationCode, Violations,
};

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
    validate_with(request, models, rules, images, &LearnedUnits::default())
}

/// Like [`validate`]; what fal has lately counted for such videos outweighs the catalogue's price.
///
/// # Errors
/// As `validate`.
pub fn validate_with(
    request: &GenerationRequest,
    models: &ModelRegistry,
    rules: &ValidationRules,
    images: impl Into<InspectedImages>,
    learned: &LearnedUnits,
) -> Result<GenerationPlan, Violations> {
    let images = images.into();
    let unusable = [&images.image, &images.end_image].into_iter().filter_map(|image| image.as_ref().err().cloned());
    let mut violations: Vec<Violation> = unusable.collect();
    match models.get(&request.model) {
        Ok(model) => {
            let general = General { asked: request, models, rules, images: &images, learned };
            check(&completed(request, model.as_ref()), model.as_ref(), &general, violations)
        }
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

/// What is the same for every model that is asked.
struct General<'a> {
    /// The request as it was asked, without what a platform chooses for one model.
    asked: &'a GenerationRequest,
    models: &'a ModelRegistry,
    rules: &'a ValidationRules,
    images: &'a InspectedImages,
    learned: &'a LearnedUnits,
}

fn check(
    request: &GenerationRequest,
    model: &dyn VideoGenerationModel,
    general: &General<'_>,
    mut violations: Vec<Violation>,
) -> Result<GenerationPlan, Violations> {
    let General { rules, images, .. } = *general;
    if model.needs_prompt(request) {
        violations.extend(short_prompt(request, rules));
    }
    let unsuitable = model.violations(request);
    let parameters = model.prepare_parameters(request);
    // What cannot be made has no price.
    let priced = || general.learned.estimate(model, &parameters).unwrap_or_else(|| model.calculate_cost(&parameters));
    let estimate = if unsuitable.is_empty() { priced() } else { CostEstimate::Unknown };
    let too_dear = if unsuitable.is_empty() { over_budget(request, estimate) } else { None };
    violations.extend(unsuitable);
    let mut planned = |field, input: &ImageInput, inspected: &Inspected| {
        let facts = inspected.as_ref().ok().and_then(Option::as_ref);
        planned_image(field, input, facts, request, model, rules).unwrap_or_else(|found| {
            // What is wrong with the aspect ratio is wrong for both pictures, and said once.
            violations.extend(found.into_iter().filter(|new| !violations.contains(new)).collect::<Vec<_>>());
            PlannedImage::unchanged(input.clone())
        })
    };
    let image = planned("image", &request.image, &images.image);
    let end_image = request.end_image.as_ref().map(|end| planned("end_image", end, &images.end_image));
    violations.extend(too_dear);
    violations.extend(stray_scene(request));
    Violations::check(violations)?;
    let fallbacks = fallbacks(general)?;
    Ok(GenerationPlan {
        model_id: model.model_id().to_owned(),
        endpoint_id: model.endpoint_id().to_owned(),
        image,
        end_image,
        duration_seconds: request.duration_seconds.or(model.default_duration()),
        estimate,
        parameters,
        fallbacks,
        notices: notices(request, model),
        file_name: request.file_name.clone(),
        fresh: request.fresh,
        priority: request.priority,
        idempotency_key: request.idempotency_key.clone(),
        project_id: request.project_id.clone(),
        scene_id: request.scene_id.clone(),
        image_parameter: model.image_parameter(),
        end_image_parameter: model.end_image_parameter().map(str::to_owned),
    })
}

/// The same request on each of the other models; what one of them cannot do is told of its place in the list.
fn fallbacks(general: &General<'_>) -> Result<Vec<GenerationPlan>, Violations> {
    let General { asked, models, rules, images, learned } = *general;
    let (mut plans, mut mistakes) = (Vec::new(), Vec::new());
    for (place, model) in asked.fallback_models.iter().enumerate() {
        let alone = GenerationRequest { fallback_models: Vec::new(), model: model.clone(), ..asked.clone() };
        match validate_with(&alone, models, rules, images.clone(), learned) {
            Ok(plan) => plans.push(plan),
            Err(violations) => mistakes.extend(violations.iter().map(|violation| Violation {
                field: format!("fallback_models[{place}].{}", violation.field),
                ..violation.clone()
            })),
        }
    }
    Violations::check(mistakes).map(|()| plans)
}

fn stray_scene(request: &GenerationRequest) -> Option<Violation> {
    let stray = request.scene_id.is_some() && request.project_id.is_none();
    let message = "a scene belongs to a project; name the project too";
    stray.then(|| Violation::new("scene_id", ViolationCode::Conflict, message))
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

fn notices(request: &GenerationRequest, model: &dyn VideoGenerationModel) -> Vec<Notice> {
    let mut notices = model.notices(request);
    if !request.unchecked_parameters.is_empty() {
        let names: Vec<&str> = request.unchecked_parameters.keys().map(String::as_str).collect();
        let message = format!("{} sent unchecked; this may change the price", names.join(", "));
        notices.push(Notice { code: NoticeCode::UncheckedParameters, message });
    }
    notices
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
