//! A model's description from fal's OpenAPI document of its endpoint.

mod document;
mod parameter;
mod role;
mod wording;

use serde_json::Value;

use self::document::Document;
use super::{FrameCount, ModelSpec, ParameterRole, ParameterSpec};

/// An OpenAPI document that no model can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the OpenAPI document cannot be used: {reason}; take it from fal anew, or describe the model in a catalogue file"
)]
pub struct OpenApiError {
    reason: String,
}

impl OpenApiError {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl ModelSpec {
    /// Describes a model by fal's OpenAPI document of its endpoint, or by a record of
    /// `GET https://api.fal.ai/v1/models?expand=openapi-3.0`, which has the document inside.
    ///
    /// The model is named by its endpoint id. The document has no price, so there is none: the cost is unknown until
    /// [`pricing`](Self::pricing) is filled in. What only prose tells stays unknown too, but for the size and formats
    /// of pictures, which are read from the common wordings.
    ///
    /// # Errors
    /// When the document is not one, names no endpoint, takes no JSON input, refers to what is not there, or describes
    /// a model that takes no picture or makes no video.
    pub fn from_openapi(document: &Value) -> Result<Self, OpenApiError> {
        let document = Document::open(document)?;
        let input = document.input()?;
        if let Some(output) = document.output().filter(|output| !output.iter().any(|name| name == "video")) {
            return Err(OpenApiError::new(format!("it makes no `video`; it answers with {}", output.join(", "))));
        }
        let parameters = parameter::parameters(&document, &input)?;
        let spec = Self {
            id: document.endpoint_id.clone(),
            display_name: document.display_name.clone(),
            endpoint_id: document.endpoint_id,
            family: None,
            retired: None,
            instead: std::collections::BTreeMap::new(),
            fixed_seconds: None,
            frames: frame_count(&parameters),
            native_audio: false,
            notes: Vec::new(),
            pricing: None,
            conflicts: Vec::new(),
            parameters,
        };
        if spec.image_spec().is_none() {
            let names: Vec<&str> = spec.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            return Err(OpenApiError::new(format!(
                "none of its parameters takes a still image, so it makes no video from one; it takes {}",
                names.join(", ")
            )));
        }
        match spec.nonsense().into_iter().next() {
            Some(nonsense) => Err(OpenApiError::new(nonsense)),
            None => Ok(spec),
        }
    }
}

/// Models without a duration that say how many frames they make, and how many a second has.
fn frame_count(parameters: &[ParameterSpec]) -> Option<FrameCount> {
    let named = |name: &str| parameters.iter().find(|parameter| parameter.name == name);
    if parameters.iter().any(|parameter| parameter.role == Some(ParameterRole::Duration)) {
        return None;
    }
    let frames = named("num_frames")?;
    let rate = named("frames_per_second").or_else(|| named("fps"))?;
    let per_second = u32::try_from(rate.default.as_ref()?.as_u64()?).ok().filter(|rate| *rate != 0)?;
    Some(FrameCount { parameter: frames.name.clone(), per_second })
}
