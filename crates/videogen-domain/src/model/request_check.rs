//! Everything that is wrong with a request as far as one model is concerned.

use serde_json::{Map, Value};

use super::parameter::plain;
use super::{ModelSpec, ParameterRole, ParameterSpec, Sound, VideoGenerationModel, prepare};
use crate::{GenerationRequest, Violation, ViolationCode, nearest};

/// In the order of the request's fields.
pub(super) fn violations(spec: &ModelSpec, request: &GenerationRequest) -> Vec<Violation> {
    let input = prepare::input(spec, request);
    let fields = [
        prompt(spec, request),
        duration(spec, request),
        resolution(spec, request),
        negative_prompt(spec, request),
        audio(spec, request),
        end_image(spec, request),
    ];
    let named = request.parameters.iter().filter_map(|(name, value)| named(spec, request, name, value));
    let missing = missing(spec, request, &input);
    fields.into_iter().flatten().chain(named).chain(missing).chain(conflicts(spec, &input)).collect()
}

fn prompt(spec: &ModelSpec, request: &GenerationRequest) -> Option<Violation> {
    if !spec.needs_prompt(request) {
        let message = format!("{} would not heed it; leave the motion prompt empty", spec.id);
        return (!request.motion_prompt.trim().is_empty())
            .then(|| Violation::new("motion_prompt", ViolationCode::Conflict, message));
    }
    let prompt = spec.with_role(ParameterRole::Prompt)?;
    prompt.violation("motion_prompt", &request.motion_prompt.trim().into())
}

fn duration(spec: &ModelSpec, request: &GenerationRequest) -> Option<Violation> {
    let seconds = request.duration_seconds?;
    let refused = |code, message| Violation::new("duration", code, message);
    if let Some((_, frames)) = spec.frame_count()
        && request.parameters.get(&frames.name).is_some_and(|value| !value.is_null())
    {
        let message = format!("the length is told by parameters.{} already; give one of them", frames.name);
        return Some(refused(ViolationCode::Conflict, message));
    }
    let valid = spec.valid_durations();
    if valid.contains(&seconds) || (valid.is_empty() && spec.default_duration() == Some(seconds)) {
        return None;
    }
    let message = match (valid.is_empty(), spec.default_duration()) {
        (true, None) => format!("{} cannot be asked for a length; leave the duration out", spec.id),
        (true, Some(only)) => format!("{} makes videos of {only} s only", spec.id),
        (false, _) => format!("{} cannot make a video of {seconds} s", spec.id),
    };
    let valid = if valid.is_empty() { spec.default_duration().into_iter().collect() } else { valid };
    let closest = valid.iter().min_by_key(|valid| valid.abs_diff(seconds)).map(u32::to_string);
    let allowed = valid.iter().map(u32::to_string).collect();
    Some(refused(ViolationCode::NotAllowed, message).with_allowed(allowed).with_suggestion(closest))
}

fn resolution(spec: &ModelSpec, request: &GenerationRequest) -> Option<Violation> {
    let word = request.resolution.as_deref()?;
    match spec.with_role(ParameterRole::Resolution) {
        Some(parameter) => parameter.violation("resolution", &prepare::spelled(parameter, word)),
        None => Some(unsupported("resolution", format!("{} cannot be asked for a resolution", spec.id))),
    }
}

fn negative_prompt(spec: &ModelSpec, request: &GenerationRequest) -> Option<Violation> {
    let text = request.negative_prompt.as_deref()?;
    match spec.with_role(ParameterRole::NegativePrompt) {
        Some(parameter) => parameter.violation("negative_prompt", &text.into()),
        None => Some(unsupported("negative_prompt", format!("{} takes no negative prompt", spec.id))),
    }
}

fn audio(spec: &ModelSpec, request: &GenerationRequest) -> Option<Violation> {
    match (request.audio?, spec.sound()) {
        (true, Sound::Never) => Some(unsupported("audio", format!("{} makes no sound", spec.id))),
        (false, Sound::Always) => Some(unsupported("audio", format!("{} cannot be made silent", spec.id))),
        _ => None,
    }
}

fn end_image(spec: &ModelSpec, request: &GenerationRequest) -> Option<Violation> {
    request.end_image.as_ref()?;
    match spec.with_role(ParameterRole::EndImage) {
        Some(ParameterSpec { ignored: Some(why), .. }) => Some(ignored("end_image", why)),
        Some(_) => None,
        None => Some(unsupported("end_image", format!("{} takes no picture for the last frame", spec.id))),
    }
}

/// A named parameter must exist, must be heeded, must not be one that the request has a field for, and must take the
/// value.
fn named(spec: &ModelSpec, request: &GenerationRequest, name: &str, value: &Value) -> Option<Violation> {
    let field = format!("parameters.{name}");
    let Some(parameter) = spec.named(name) else { return Some(unknown(spec, &field, name)) };
    if let Some(why) = &parameter.ignored {
        return Some(ignored(&field, why));
    }
    if let Some(own_field) = parameter.role.and_then(|role| outranked_by(role, request)) {
        let message = format!("{name} is set by {own_field}");
        let violation = Violation::new(&field, ViolationCode::Conflict, message);
        return Some(violation.with_suggestion(Some(own_field.to_owned())));
    }
    parameter.violation(&field, value)
}

/// fal accepts, ignores and bills unknown parameters, so they are refused here.
fn unknown(spec: &ModelSpec, field: &str, name: &str) -> Violation {
    let by_name = |parameter: &&ParameterSpec| !parameter.role.is_some_and(ParameterRole::has_field_alone);
    let names = || spec.parameters.iter().filter(by_name);
    let near = spec.instead.get(name).map(String::as_str);
    let near = near.or_else(|| nearest(name, names().map(|parameter| parameter.name.as_str())));
    let message = format!("{} has no parameter {name}", spec.id);
    Violation::new(field, ViolationCode::UnknownParameter, message)
        .with_allowed(names().map(|parameter| parameter.name.clone()).collect())
        .with_suggestion(near.map(str::to_owned))
}

/// The field of the request that sets a parameter of this role, where it must or does: the model's own name for a
/// resolution, a last frame or sound is as good as the field.
fn outranked_by(role: ParameterRole, request: &GenerationRequest) -> Option<&'static str> {
    let is_set = match role {
        ParameterRole::EndImage => request.end_image.is_some(),
        ParameterRole::Resolution => request.resolution.is_some(),
        ParameterRole::Audio => request.audio.is_some(),
        _ => role.has_field_alone(),
    };
    role.request_field().filter(|_| is_set)
}

/// What fal refuses a request without.
fn missing(spec: &ModelSpec, request: &GenerationRequest, input: &Map<String, Value>) -> Vec<Violation> {
    let is_picture = |parameter: &ParameterSpec| {
        let is_end = parameter.role == Some(ParameterRole::EndImage) && request.end_image.is_some();
        is_end || spec.image_spec().is_some_and(|image| image.name == parameter.name)
    };
    let is_missing = |parameter: &&ParameterSpec| {
        !parameter.is_optional() && !input.contains_key(&parameter.name) && !is_picture(parameter)
    };
    let told = |parameter: &ParameterSpec| {
        let own_field = parameter.role.and_then(ParameterRole::request_field);
        let field = own_field.map_or_else(|| format!("parameters.{}", parameter.name), str::to_owned);
        let message = format!("{} makes no video without {}", spec.id, parameter.name);
        Violation::new(field, ViolationCode::MissingParameter, message)
            .with_allowed(parameter.allowed.iter().map(plain).collect())
    };
    spec.parameters.iter().filter(is_missing).map(told).collect()
}

fn conflicts<'a>(spec: &'a ModelSpec, input: &'a Map<String, Value>) -> impl Iterator<Item = Violation> + 'a {
    let value_of = |name: &str| input.get(name).or_else(|| spec.named(name)?.default.as_ref());
    let broken = spec.conflicts.iter().filter(move |conflict| conflict.when.hold(value_of));
    broken.map(|conflict| {
        let own = |name: &str| spec.named(name)?.role?.request_field();
        let name = conflict.when.iter().next().map_or("parameters", |(name, _)| name);
        let field = own(name).map_or_else(|| format!("parameters.{name}"), str::to_owned);
        Violation::new(field, ViolationCode::Conflict, format!("{}: {}", spec.id, conflict.rule))
    })
}

fn unsupported(field: &str, message: String) -> Violation {
    Violation::new(field, ViolationCode::UnknownParameter, message)
}

fn ignored(field: &str, why: &str) -> Violation {
    let message = format!("it would be billed without being heeded: {why}");
    Violation::new(field, ViolationCode::IgnoredParameter, message)
}
