//! Which part a parameter plays, by the names that fal's models use for it.

use super::super::{ParameterRole, ParameterSpec, ParameterType};

/// The names of each role, the most telling first: where a model has several, the first is taken.
const NAMES: [(ParameterRole, ParameterType, &[&str]); 12] = [
    (ParameterRole::Prompt, ParameterType::String, &["prompt", "text_prompt", "motion_prompt"]),
    (ParameterRole::Shots, ParameterType::Array, &["multi_prompt"]),
    (
        ParameterRole::StartImage,
        ParameterType::String,
        &[
            "start_image_url",
            "first_frame_url",
            "first_frame_image_url",
            "start_frame_url",
            "start_frame_image_url",
            "first_image_url",
            "image_url",
            "input_image_url",
            "init_image_url",
            "source_image_url",
            "portrait_image_url",
            "subject_reference_image_url",
            "image",
        ],
    ),
    (
        ParameterRole::EndImage,
        ParameterType::String,
        &[
            "end_image_url",
            "tail_image_url",
            "last_frame_url",
            "last_frame_image_url",
            "last_image_url",
            "end_frame_url",
            "end_frame_image_url",
        ],
    ),
    (
        ParameterRole::ReferenceImages,
        ParameterType::Array,
        &["image_urls", "reference_image_urls", "input_image_urls", "images"],
    ),
    (ParameterRole::Duration, ParameterType::String, &["duration", "video_length", "duration_seconds", "seconds"]),
    (ParameterRole::AspectRatio, ParameterType::String, &["aspect_ratio"]),
    (ParameterRole::Resolution, ParameterType::String, &["resolution"]),
    (ParameterRole::NegativePrompt, ParameterType::String, &["negative_prompt"]),
    (
        ParameterRole::Audio,
        ParameterType::Boolean,
        &["generate_audio", "generate_audio_switch", "enable_audio", "audio", "bgm"],
    ),
    (ParameterRole::Seed, ParameterType::Integer, &["seed"]),
    (
        ParameterRole::Camera,
        ParameterType::String,
        &["camera_fixed", "camera_motion", "camera_movement", "movement_amplitude"],
    ),
];

/// Gives each role to the one parameter that plays it.
pub(super) fn assign(parameters: &mut [ParameterSpec]) {
    for (role, kind, names) in NAMES {
        let place = names.iter().find_map(|name| {
            parameters.iter().position(|parameter| parameter.name == *name && fits(role, kind, parameter))
        });
        if let Some(parameter) = place.and_then(|place| parameters.get_mut(place)) {
            parameter.role = Some(role);
        }
    }
}

/// A parameter of the right name and the wrong type plays another part: `audio` as a text is a sound file.
fn fits(role: ParameterRole, kind: ParameterType, parameter: &ParameterSpec) -> bool {
    match role {
        ParameterRole::Duration => !parameter.types.contains(&ParameterType::Array),
        ParameterRole::Camera => true,
        ParameterRole::Seed => {
            parameter.types.iter().any(|kind| matches!(kind, ParameterType::Integer | ParameterType::Number))
        }
        _ => parameter.types.contains(&kind),
    }
}
