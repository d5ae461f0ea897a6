//! A request that has been checked: what will be sent, and what it will cost.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AspectRatio, CostEstimate, Fit, ImageInput, ImageParameter, Notice, ProjectId, SceneId};

/// A request that has been checked. Only [`validate`](crate::validate) makes one; serde brings one back that was stored.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GenerationPlan {
    /// Our name for the model.
    pub model_id: String,
    /// fal's name for it.
    pub endpoint_id: String,
    /// The still image.
    pub image: PlannedImage,
    /// The picture for the last frame.
    pub end_image: Option<PlannedImage>,
    /// The length of the video in seconds, where it is known beforehand.
    pub duration_seconds: Option<u32>,
    /// What it will cost.
    pub estimate: CostEstimate,
    /// The input to send, all but the pictures.
    pub parameters: Map<String, Value>,
    /// The plans to go on with, in this order, when this one provably brings no video and no bill.
    #[serde(default)]
    pub fallbacks: Vec<GenerationPlan>,
    /// What to know before paying.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// What the video's file is to be called; `None`: the request id, with `.mp4`.
    pub file_name: Option<String>,
    /// Whether a new video is made even where the same was asked for before.
    #[serde(default)]
    pub fresh: bool,
    /// How soon it is begun where tasks wait for their turn: the higher, the sooner.
    #[serde(default, skip_serializing_if = "is_ordinary")]
    pub priority: i32,
    /// The caller's own name for the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// The project that the video is for.
    pub project_id: Option<ProjectId>,
    /// The scene of the project that shall show it.
    pub scene_id: Option<SceneId>,
    pub(crate) image_parameter: ImageParameter,
    pub(crate) end_image_parameter: Option<String>,
}

/// A picture, and what has to be done to it before upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlannedImage {
    /// Where it comes from.
    pub input: ImageInput,
    /// The aspect ratio to which it has to be brought, and how; `None`: it keeps its own.
    pub reshape: Option<(AspectRatio, Fit)>,
    /// What it must not exceed afterwards; `None`: nothing has to be done for that.
    pub bounds: Option<ImageBounds>,
}

impl PlannedImage {
    /// A picture that is taken as it is.
    pub fn unchanged(input: ImageInput) -> Self {
        Self { input, reshape: None, bounds: None }
    }

    /// To be brought to an aspect ratio.
    pub fn reshaped(mut self, ratio: AspectRatio, fit: Fit) -> Self {
        self.reshape = Some((ratio, fit));
        self
    }

    /// To be kept within bounds.
    pub fn within(mut self, bounds: ImageBounds) -> Self {
        self.bounds = Some(bounds);
        self
    }
}

/// What a picture must not exceed once it is prepared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImageBounds {
    /// The width in pixels below which it is not scaled down, whatever its bytes.
    pub min_width: Option<u32>,
    /// The height in pixels below which it is not scaled down, whatever its bytes.
    pub min_height: Option<u32>,
    /// The greatest width in pixels.
    pub max_width: Option<u32>,
    /// The greatest height in pixels.
    pub max_height: Option<u32>,
    /// The most bytes of the file.
    pub max_bytes: Option<u64>,
    /// The formats that are taken, in lower case. Empty: any.
    pub formats: Vec<String>,
}

impl ImageBounds {
    /// The size that a picture has to be brought down to, with its own aspect ratio; its own where it fits.
    pub fn scaled_down(&self, width: u32, height: u32) -> (u32, u32) {
        let share =
            |most: Option<u32>, length: u32| most.map_or(1.0, |most| f64::from(most) / f64::from(length.max(1)));
        let factor = share(self.max_width, width).min(share(self.max_height, height)).min(1.0);
        let scaled = |length: u32, most: Option<u32>| {
            let rounded = (f64::from(length) * factor).round() as u32;
            rounded.clamp(1, most.unwrap_or(u32::MAX).max(1))
        };
        (scaled(width, self.max_width), scaled(height, self.max_height))
    }
}

impl GenerationPlan {
    /// The whole input to send to fal, with the addresses of the pictures. An `end_image_url` that the plan knows no
    /// parameter for is left out.
    pub fn input(&self, image_url: &str, end_image_url: Option<&str>) -> Value {
        let mut input = self.parameters.clone();
        let image = if self.image_parameter.is_list { Value::from(vec![image_url]) } else { image_url.into() };
        input.insert(self.image_parameter.name.clone(), image);
        if let (Some(parameter), Some(url)) = (&self.end_image_parameter, end_image_url) {
            input.insert(parameter.clone(), url.into());
        }
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
            .field("end_image", &self.end_image)
            .field("duration_seconds", &self.duration_seconds)
            .field("estimate", &self.estimate)
            .field("parameters", &self.parameters.keys().collect::<Vec<_>>())
            .field("fallbacks", &self.fallbacks)
            .finish_non_exhaustive()
    }
}

/// What has no priority of its own is stored as before there were any.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_ordinary(priority: &i32) -> bool {
    *priority == 0
}
