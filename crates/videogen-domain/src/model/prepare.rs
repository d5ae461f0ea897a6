//! From a request to the input that fal is sent.

use serde_json::{Map, Value};

use super::parameter::plain;
use super::{ModelSpec, ParameterRole, ParameterSpec, VideoGenerationModel, seconds};
use crate::GenerationRequest;

/// The input to send, all but the pictures.
///
/// Whatever the price depends on is written out, so that a change of fal's defaults cannot change the price.
pub(super) fn input(spec: &ModelSpec, request: &GenerationRequest) -> Map<String, Value> {
    let mut input: Map<String, Value> =
        request.parameters.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    for parameter in &spec.parameters {
        if let Some(value) = own_value(spec, parameter, request) {
            input.insert(parameter.name.clone(), value);
        }
    }
    write_length(spec, request, &mut input);
    write_defaults(spec, &mut input);
    input.extend(request.unchecked_parameters.iter().map(|(name, value)| (name.clone(), value.clone())));
    input
}

/// The value that a field of the request gives to a parameter.
fn own_value(spec: &ModelSpec, parameter: &ParameterSpec, request: &GenerationRequest) -> Option<Value> {
    match parameter.role? {
        ParameterRole::Prompt => spec.needs_prompt(request).then(|| request.motion_prompt.trim().into()),
        ParameterRole::NegativePrompt => request.negative_prompt.as_deref().map(Value::from),
        ParameterRole::AspectRatio => request.aspect_ratio.as_deref().map(|ratio| spelled(parameter, ratio)),
        ParameterRole::Resolution => request.resolution.as_deref().map(|resolution| spelled(parameter, resolution)),
        ParameterRole::Audio => request.audio.map(Value::from),
        _ => None,
    }
}

/// A word as the model spells it, when it differs in nothing but capital letters: `768p` is `768P` to Hailuo.
pub(super) fn spelled(parameter: &ParameterSpec, word: &str) -> Value {
    let same = |value: &&Value| plain(value).eq_ignore_ascii_case(word);
    parameter.allowed.iter().find(same).cloned().unwrap_or_else(|| word.into())
}

fn write_length(spec: &ModelSpec, request: &GenerationRequest, input: &mut Map<String, Value>) {
    let frames = spec.frame_count();
    if frames.is_some_and(|(_, parameter)| input.get(&parameter.name).is_some_and(|value| !value.is_null())) {
        return;
    }
    if let Some(duration) = spec.with_role(ParameterRole::Duration) {
        let asked = request.duration_seconds.and_then(|asked| seconds::written(duration, asked));
        let value = asked.or_else(|| input.get(&duration.name).or(duration.default.as_ref()).cloned());
        input.extend(value.map(|value| (duration.name.clone(), value)));
    } else if let (Some((frames, parameter)), Some(asked)) = (frames, request.duration_seconds) {
        input.insert(parameter.name.clone(), frames.frames(asked).into());
    }
}

fn write_defaults(spec: &ModelSpec, input: &mut Map<String, Value>) {
    let Some(pricing) = &spec.pricing else { return };
    let frames = spec.frames.as_ref().filter(|_| spec.with_role(ParameterRole::Duration).is_none());
    for name in pricing.parameters().chain(frames.map(|frames| frames.parameter.as_str())) {
        if !input.contains_key(name)
            && let Some(default) = spec.named(name).and_then(|parameter| parameter.default.clone())
        {
            input.insert(name.to_owned(), default);
        }
    }
}
