//! A request that has been checked: what will be sent, and what it will cost.

use std::fmt;

use serde_json::{Map, Value};

use crate::{AspectRatio, CostEstimate, Fit, ImageInput};

/// A request that has been checked. Only [`validate`](crate::validate) makes one.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct GenerationPlan {
    /// Our name for the model.
    pub model_id: String,
    /// fal's name for it.
    pub endpoint_id: String,
    /// The still image.
    pub image: ImageInput,
    /// The aspect ratio to which the picture has to be brought before upload, and how; `None`: it stays as it is.
    pub reshape: Option<(AspectRatio, Fit)>,
    /// The length of the video in seconds, where it is known beforehand.
    pub duration_seconds: Option<u32>,
    /// What it will cost.
    pub estimate: CostEstimate,
    /// The input to send, all but the start image.
    pub parameters: Map<String, Value>,
    /// What the video's file is to be called; `None`: the request id, with `.mp4`.
    pub file_name: Option<String>,
    pub(crate) image_parameter: String,
}

impl GenerationPlan {
    /// The whole input to send to fal.
    pub fn input(&self, image_url: &str) -> Value {
        let mut input = self.parameters.clone();
        input.insert(self.image_parameter.clone(), image_url.into());
        Value::Object(input)
    }
}

// The parameters hold the prompt, which stays out of logs.
impl fmt::Debug for GenerationPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GenerationPlan")
            .field("model_id", &self.model_id)
            .field("endpoint_id", &self.endpoint_id)
            .field("image", &self.image)
            .field("reshape", &self.reshape)
            .field("duration_seconds", &self.duration_seconds)
            .field("estimate", &self.estimate)
            .field("parameters", &self.parameters.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
