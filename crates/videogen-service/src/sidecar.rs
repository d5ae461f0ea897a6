//! The JSON beside a video: what it was made of, and what it cost.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use videogen_domain::{Generation, ProjectId, SceneId, StoredVideo, Usd, VideoFacts};

/// What is written beside a video. What is not known is `null`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sidecar {
    /// Our name for the model.
    pub model: String,
    /// fal's id of the model.
    pub endpoint_id: String,
    /// fal's request id.
    pub request_id: Option<String>,
    /// The id under which the request was sent.
    pub attempt_id: Option<String>,
    /// The length that was asked for, in seconds.
    pub duration_seconds: Option<u32>,
    /// What tells the request from every other; a request of the same is given this video.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// What was sent, without pictures.
    pub input: Option<Map<String, Value>>,
    /// The SHA-256 of the uploaded picture, in hex.
    pub image_sha256: Option<String>,
    /// The SHA-256 of the uploaded end picture, in hex.
    pub end_image_sha256: Option<String>,
    /// The SHA-256 of the video, in hex.
    pub video_sha256: String,
    /// The size of the video in bytes.
    pub video_bytes: u64,
    /// The length of the video in milliseconds.
    pub video_duration_ms: Option<u64>,
    /// The width of the video in pixels.
    pub video_width: Option<u32>,
    /// The height of the video in pixels.
    pub video_height: Option<u32>,
    /// What is not as it was asked for, each in one clause.
    pub mismatches: Vec<String>,
    /// The most that it was expected to cost, in USD.
    pub estimate_usd: Option<Usd>,
    /// What fal billed, in USD.
    pub billed_usd: Option<Usd>,
    /// What fal counted, an exact decimal.
    pub billable_units: Option<String>,
    /// The project that it was made for.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    /// The scene that it was made for.
    #[serde(default)]
    pub scene_id: Option<SceneId>,
    /// What its poster is called; `None`: it has none.
    #[serde(default)]
    pub poster: Option<String>,
    /// When it was stored, by UTC, as in RFC 3339.
    pub stored_at: String,
}

impl Sidecar {
    /// Reads a sidecar; `None` where the text is not one.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// What the video says of itself.
    pub fn facts(&self) -> VideoFacts {
        VideoFacts { duration_ms: self.video_duration_ms, width: self.video_width, height: self.video_height }
    }

    /// The sidecar of a video that has just been stored.
    pub(crate) fn of(generation: &Generation, stored: &StoredVideo, billed: Option<Usd>) -> Self {
        let plan = generation.plan.as_ref();
        Self {
            model: generation.model_id.clone(),
            endpoint_id: generation.endpoint_id.clone(),
            request_id: generation.request_id().map(str::to_owned),
            attempt_id: generation.attempt.as_ref().map(|attempt| attempt.attempt_id.clone()),
            duration_seconds: plan.and_then(|plan| plan.duration_seconds),
            fingerprint: generation.fingerprint.clone(),
            input: plan.map(|plan| plan.parameters.clone()),
            image_sha256: generation.image.as_ref().and_then(|image| image.content_hash.clone()),
            end_image_sha256: generation.end_image.as_ref().and_then(|image| image.content_hash.clone()),
            video_sha256: stored.content_hash.clone(),
            video_bytes: stored.bytes,
            video_duration_ms: stored.facts.duration_ms,
            video_width: stored.facts.width,
            video_height: stored.facts.height,
            mismatches: plan.map(|plan| stored.facts.mismatches(plan)).unwrap_or_default(),
            estimate_usd: generation.estimate().upper_bound(),
            billed_usd: billed,
            billable_units: generation
                .video
                .as_ref()
                .and_then(|video| video.billable_units)
                .map(|units| units.to_string()),
            project_id: plan.and_then(|plan| plan.project_id.clone()),
            scene_id: plan.and_then(|plan| plan.scene_id.clone()),
            poster: None,
            stored_at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        }
    }

    /// How it is written.
    pub(crate) fn text(&self) -> String {
        // The fields are texts, numbers and JSON already: writing them cannot fail.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

// The input has the prompt, which stays out of logs.
impl fmt::Debug for Sidecar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sidecar")
            .field("model", &self.model)
            .field("request_id", &self.request_id)
            .field("video_sha256", &self.video_sha256)
            .field("billed_usd", &self.billed_usd)
            .finish_non_exhaustive()
    }
}
