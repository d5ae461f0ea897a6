//! What has to be done to a picture before upload.

use crate::{
    AspectRatio, Fit, GenerationRequest, ImageBounds, ImageFacts, ImageInput, PlannedImage, ValidationRules,
    VideoGenerationModel, Violation, ViolationCode,
};

/// The formats of pictures that can be decoded, and so cropped, padded and scaled down.
const RESHAPED: [&str; 3] = ["png", "jpeg", "webp"];
/// The formats that a picture can be saved in.
const WRITTEN: [&str; 2] = ["png", "jpeg"];

/// What has to be done to a picture before upload, or what is wrong with it for this model.
pub(crate) fn planned_image(
    field: &str,
    input: &ImageInput,
    facts: Option<&ImageFacts>,
    request: &GenerationRequest,
    model: &dyn VideoGenerationModel,
    rules: &ValidationRules,
) -> Result<PlannedImage, Vec<Violation>> {
    let reshape = reshape(input, facts, request, model, rules).map_err(|violation| vec![violation])?;
    let planned = |bounds| PlannedImage { input: input.clone(), reshape, bounds };
    let Some(limits) = model.image_limits() else { return Ok(planned(None)) };
    let Some(facts) = facts else { return Ok(planned(reshape.map(|_| limits.bounds()))) };
    let shaped = reshape.map_or_else(|| facts.clone(), |(ratio, fit)| facts.reshaped(ratio, fit));
    let unsuitable = limits.violations(field, &shaped);
    if unsuitable.is_empty() {
        return Ok(planned(reshape.map(|_| limits.bounds())));
    }
    let bounds = limits.bounds();
    let scaled = facts_within(&bounds, &shaped);
    // A picture that can be decoded can be made smaller, and be saved in another format; not so one that is too small.
    if RESHAPED.contains(&facts.format.as_str()) && limits.violations(field, &scaled).is_empty() {
        Ok(planned(Some(bounds)))
    } else {
        Err(unsuitable)
    }
}

/// What a picture will be once it was brought below the bounds.
fn facts_within(bounds: &ImageBounds, facts: &ImageFacts) -> ImageFacts {
    let (width, height) = bounds.scaled_down(facts.width, facts.height);
    let writable = WRITTEN.iter().find(|format| bounds.formats.iter().any(|taken| taken == *format));
    let is_taken = bounds.formats.is_empty() || bounds.formats.contains(&facts.format);
    let format = writable.filter(|_| !is_taken).map_or(facts.format.clone(), |format| (*format).to_owned());
    ImageFacts { format, width, height, bytes: 0 }
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

/// The aspect ratio that is asked for, if it is one of those allowed.
pub(crate) fn aspect_ratio_of(
    request: &GenerationRequest,
    allowed: &[String],
) -> Result<Option<AspectRatio>, Violation> {
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

pub(crate) fn common(rules: &ValidationRules) -> Vec<String> {
    rules.aspect_ratios.iter().map(AspectRatio::to_string).collect()
}
