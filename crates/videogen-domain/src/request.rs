//! What a caller asks for, before it is checked.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{PlatformPreset, ProjectId, SceneId, Usd};

/// Where the still image comes from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ImageInput {
    /// A file on this machine; it is uploaded to fal.
    Path(PathBuf),
    /// An `http://` or `https://` address that fal can reach; it is passed on as it is.
    Url(String),
    /// A `data:` URI with the bytes of an image file; they are uploaded to fal.
    DataUri(String),
    /// The bytes of an image file, with a name for it; they are uploaded to fal.
    Bytes {
        /// What the file is to be called, for example `still.png`.
        name: String,
        /// The content of the file.
        #[serde(with = "crate::base64")]
        bytes: Bytes,
    },
}

impl ImageInput {
    /// Takes `http://…` and `https://…` as an address, `data:…` as a data URI and everything else as a path.
    pub fn parse(text: &str) -> Self {
        let begins_with =
            |scheme: &str| text.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
        if begins_with("http://") || begins_with("https://") {
            Self::Url(text.to_owned())
        } else if begins_with("data:") {
            Self::DataUri(text.to_owned())
        } else {
            Self::Path(PathBuf::from(text))
        }
    }
}

// An address may carry a signature, so only its kind is shown.
impl fmt::Debug for ImageInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Url(_) => f.write_str("Url(..)"),
            Self::DataUri(uri) => write!(f, "DataUri({} characters)", uri.len()),
            Self::Bytes { name, bytes } => write!(f, "Bytes({name:?}, {} bytes)", bytes.len()),
        }
    }
}

/// How an aspect ratio is honoured by a model that has no such parameter and follows the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// The picture is cropped around its middle before upload.
    #[default]
    Crop,
    /// The picture is centred on a larger black canvas before upload.
    Pad,
    /// The picture stays as it is; an aspect ratio that the model cannot take is refused.
    None,
}

/// What a caller asks for. Nothing in it has been checked: [`validate`](crate::validate) does that.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct GenerationRequest {
    /// The still image that the video starts with.
    pub image: ImageInput,
    /// The picture that the video ends with, where the model takes one. Default: none.
    pub end_image: Option<ImageInput>,
    /// How the picture shall move: what fal calls `prompt`.
    pub motion_prompt: String,
    /// The model's name or its endpoint id. Default: `kling_2.1`.
    pub model: String,
    /// The models to ask instead, in this order, when the one before provably made no video and billed nothing. Each must
    /// be able to take the request. Default: none.
    pub fallback_models: Vec<String>,
    /// Length of the video in seconds. Default: the model's own.
    pub duration_seconds: Option<u32>,
    /// Width to height, as in `16:9`. Default: the picture's own.
    pub aspect_ratio: Option<String>,
    /// Where the video is to be shown: chooses the aspect ratio and the length that the request does not name. Default:
    /// nowhere in particular.
    pub platform: Option<PlatformPreset>,
    /// How an aspect ratio is honoured where the model has no such parameter. Default: crop.
    pub fit: Fit,
    /// What shall not be seen, where the model has such a parameter. Default: the model's own.
    pub negative_prompt: Option<String>,
    /// The size of the video by the model's own names, capital letters apart: `720p`, `768P`. Default: the model's own.
    pub resolution: Option<String>,
    /// Whether the video shall have sound. Default: the model's own.
    pub audio: Option<bool>,
    /// Further parameters of the model, by fal's names.
    pub parameters: BTreeMap<String, Value>,
    /// Parameters that are sent as they are, known to the model or not, heeded or not. They outrank all others.
    pub unchecked_parameters: BTreeMap<String, Value>,
    /// The most that this video may cost, in USD; a higher or unknown estimate is refused before anything is sent.
    pub max_cost: Option<Usd>,
    /// What the video's file is to be called. Default: the request id, with `.mp4`.
    pub file_name: Option<String>,
    /// Whether a new video is made and paid for even where the same was asked for before. Default: no, the video that is
    /// there is taken.
    pub fresh: bool,
    /// How soon it is begun where tasks wait for their turn: the higher, the sooner. Default: 0.
    pub priority: i32,
    /// The caller's own name for the request, unique: sent again under it, it is the same task, whatever has become of it.
    /// Default: none.
    pub idempotency_key: Option<String>,
    /// The project that the video is for: it is booked and kept there. Default: none.
    pub project_id: Option<ProjectId>,
    /// The scene of the project that shall show the video. Default: none.
    pub scene_id: Option<SceneId>,
}

impl GenerationRequest {
    /// The model that is used when none is named.
    pub const DEFAULT_MODEL: &'static str = "kling_2.1";

    /// A request with all defaults.
    pub fn new(image: ImageInput, motion_prompt: impl Into<String>) -> Self {
        Self {
            image,
            end_image: None,
            motion_prompt: motion_prompt.into(),
            model: Self::DEFAULT_MODEL.to_owned(),
            fallback_models: Vec::new(),
            duration_seconds: None,
            aspect_ratio: None,
            platform: None,
            fit: Fit::default(),
            negative_prompt: None,
            resolution: None,
            audio: None,
            parameters: BTreeMap::new(),
            unchecked_parameters: BTreeMap::new(),
            max_cost: None,
            file_name: None,
            fresh: false,
            priority: 0,
            idempotency_key: None,
            project_id: None,
            scene_id: None,
        }
    }

    /// Names the model, by its name or its endpoint id.
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = model.into();
        self
    }

    /// Adds a model to ask when those before provably made no video.
    pub fn with_fallback_model(mut self, model: impl Into<String>) -> Self {
        self.fallback_models.push(model.into());
        self
    }

    /// Sets the length of the video in seconds.
    pub fn with_duration_seconds(mut self, seconds: u32) -> Self {
        self.duration_seconds = Some(seconds);
        self
    }

    /// Sets the aspect ratio, as in `16:9`, and how it is honoured where the model has no such parameter.
    pub fn with_aspect_ratio(mut self, aspect_ratio: impl Into<String>, fit: Fit) -> Self {
        self.aspect_ratio = Some(aspect_ratio.into());
        self.fit = fit;
        self
    }

    /// Says where the video is to be shown.
    pub fn with_platform(mut self, platform: PlatformPreset) -> Self {
        self.platform = Some(platform);
        self
    }

    /// Says what shall not be seen.
    pub fn with_negative_prompt(mut self, negative_prompt: impl Into<String>) -> Self {
        self.negative_prompt = Some(negative_prompt.into());
        self
    }

    /// Sets a further parameter of the model, by fal's name for it.
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }

    /// Sets the picture that the video ends with.
    pub fn with_end_image(mut self, end_image: ImageInput) -> Self {
        self.end_image = Some(end_image);
        self
    }

    /// Sets the size of the video, by the model's own names.
    pub fn with_resolution(mut self, resolution: impl Into<String>) -> Self {
        self.resolution = Some(resolution.into());
        self
    }

    /// Says whether the video shall have sound.
    pub fn with_audio(mut self, audio: bool) -> Self {
        self.audio = Some(audio);
        self
    }

    /// Sends a parameter as it is, whether the model is known to take it or not.
    pub fn with_unchecked_parameter(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.unchecked_parameters.insert(name.into(), value.into());
        self
    }

    /// Sets the most that this video may cost, in USD.
    pub fn with_max_cost(mut self, max_cost: Usd) -> Self {
        self.max_cost = Some(max_cost);
        self
    }

    /// Makes the video for a project.
    pub fn with_project(mut self, project: impl Into<ProjectId>) -> Self {
        self.project_id = Some(project.into());
        self
    }

    /// Makes the video for a scene of the project.
    pub fn with_scene(mut self, scene: impl Into<SceneId>) -> Self {
        self.scene_id = Some(scene.into());
        self
    }

    /// Makes a new video even where the same was asked for before.
    pub fn with_fresh(mut self, fresh: bool) -> Self {
        self.fresh = fresh;
        self
    }

    /// Sets how soon it is begun where tasks wait for their turn.
    pub fn with_priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// Gives the request a name of the caller's own, under which it is taken in once.
    pub fn with_idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Names the video's file.
    pub fn with_file_name(mut self, file_name: impl Into<String>) -> Self {
        self.file_name = Some(file_name.into());
        self
    }
}

// Prompts are the user's own words and stay out of logs.
impl fmt::Debug for GenerationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GenerationRequest")
            .field("image", &self.image)
            .field("end_image", &self.end_image)
            .field("motion_prompt", &format_args!("{} characters", self.motion_prompt.chars().count()))
            .field("model", &self.model)
            .field("fallback_models", &self.fallback_models)
            .field("duration_seconds", &self.duration_seconds)
            .field("aspect_ratio", &self.aspect_ratio)
            .field("platform", &self.platform)
            .field("resolution", &self.resolution)
            .field("audio", &self.audio)
            .field("parameters", &self.parameters.keys())
            .field("unchecked_parameters", &self.unchecked_parameters.keys())
            .field("max_cost", &self.max_cost)
            .field("fresh", &self.fresh)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_prompt_nor_address() {
        let request =
            GenerationRequest::new(ImageInput::parse("https://host/still.png?signature=abc"), "my secret plan")
                .with_parameter("negative_prompt", "private words");
        let shown = format!("{request:?}");
        for secret in ["secret plan", "signature", "private words"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn addresses_and_data_are_told_from_paths() {
        assert_eq!(
            ImageInput::parse("Data:image/png;base64,AA"),
            ImageInput::DataUri("Data:image/png;base64,AA".into())
        );
        assert_eq!(ImageInput::parse("data"), ImageInput::Path("data".into()));
        assert_eq!(ImageInput::parse("HTTPS://host/a.png"), ImageInput::Url("HTTPS://host/a.png".to_owned()));
        assert_eq!(ImageInput::parse("pictures/a.png"), ImageInput::Path("pictures/a.png".into()));
    }
}
