//! What the emulator knows of one endpoint, and what that makes of an input: seconds, size, faults.

use serde::Deserialize;
use serde_json::Value;

use crate::models::check;
use crate::models::price::Tariff;
use crate::models::schema::Components;
use crate::problem::Problem;

/// One endpoint of fal, as a file in `models/` has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    pub(crate) endpoint_id: &'static str,
    pub(crate) display_name: &'static str,
    pub(crate) status: Status,
    /// When fal last changed the endpoint.
    pub(crate) updated_at: &'static str,
    pub(crate) video: VideoFacts,
    pub(crate) price: Tariff,
    /// What the names of the two schemas begin with.
    schema_name: &'static str,
    pub(super) components: Components,
}

/// Whether fal still offers an endpoint.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Active,
    Deprecated,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deprecated => "deprecated",
        }
    }
}

/// What the schemas do not say of the video.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VideoFacts {
    /// The field with the URL of the first frame.
    pub(crate) start: String,
    /// The field with the URL of the last frame.
    pub(crate) end: Option<String>,
    /// Seconds where the input leaves them open.
    seconds: u32,
    /// Pixels of the shorter side where the input leaves them open.
    short_side: u32,
}

impl Model {
    /// The part of the endpoint id that status and result URLs keep: `owner/alias`.
    pub(crate) fn app(&self) -> &'static str {
        let end = self.endpoint_id.match_indices('/').nth(1).map_or(self.endpoint_id.len(), |(at, _)| at);
        &self.endpoint_id[..end]
    }

    /// One sentence for lists.
    pub(crate) fn description(&self) -> String {
        format!("{}: a picture becomes a video, as the prompt says.", self.display_name)
    }

    /// Everything that is wrong with the input, besides its pictures, which must be loaded first.
    pub(crate) fn problems(&self, input: &Value) -> Vec<Problem> {
        check::problems(&self.components, self.input_schema(), input)
    }

    /// Seconds of video.
    pub(crate) fn seconds(&self, input: &Value) -> u32 {
        self.setting(input, "duration").and_then(seconds).unwrap_or(self.video.seconds)
    }

    /// The shorter side of the video in pixels.
    pub(crate) fn short_side(&self, input: &Value) -> u32 {
        let resolution = self.setting(input, "resolution").and_then(Value::as_str);
        resolution.and_then(short_side).unwrap_or(self.video.short_side)
    }

    /// Width over height, where the input decides it; else the picture does.
    pub(crate) fn aspect_ratio(&self, input: &Value) -> Option<f64> {
        let (width, height) = self.setting(input, "aspect_ratio")?.as_str()?.split_once(':')?;
        let (width, height): (f64, f64) = (width.parse().ok()?, height.parse().ok()?);
        (height > 0.0).then_some(width / height)
    }

    /// The value of an input field: the given one if it is allowed, else the default.
    pub(super) fn setting<'a>(&'a self, input: &'a Value, name: &str) -> Option<&'a Value> {
        let property = self.input_schema()["properties"].get(name)?;
        let given = input.get(name).filter(|given| check::problems(&self.components, property, given).is_empty());
        given.or_else(|| property.get("default"))
    }

    pub(super) fn input_name(&self) -> String {
        format!("{}Input", self.schema_name)
    }

    pub(super) fn output_name(&self) -> String {
        format!("{}Output", self.schema_name)
    }

    pub(super) fn input_schema(&self) -> &Value {
        self.components.get(&self.input_name())
    }

    pub(super) fn output_schema(&self) -> &Value {
        self.components.get(&self.output_name())
    }
}

/// 5, `"5"` or `"5s"`; not `"auto"`.
fn seconds(duration: &Value) -> Option<u32> {
    match duration {
        Value::String(text) => text.trim_end_matches('s').parse().ok(),
        number => number.as_u64()?.try_into().ok(),
    }
}

/// `"768P"`, `"720p"` or `"4k"`; not `"auto"`.
fn short_side(resolution: &str) -> Option<u32> {
    if resolution.eq_ignore_ascii_case("4k") {
        return Some(2160);
    }
    resolution.trim_end_matches(['p', 'P']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{all, find};
    use serde_json::json;

    fn model(endpoint_id: &str) -> &'static Model {
        find(endpoint_id).expect("is in the catalogue")
    }

    fn kinds(endpoint_id: &str, input: &Value) -> Vec<Value> {
        model(endpoint_id).problems(input).iter().map(|problem| problem.to_json()["type"].clone()).collect()
    }

    #[test]
    fn every_fault_is_reported_at_once_and_unknown_fields_are_ignored() {
        let kinds = |input: Value| kinds("fal-ai/kling-video/v2.1/pro/image-to-video", &input);
        let bad = json!({ "prompt": 3, "duration": 5, "cfg_scale": 1.5, "motion_strength": 9, "tail_image_url": null });
        assert_eq!(kinds(bad), ["string_type", "missing", "one_of", "less_than_equal"]);
        assert_eq!(kinds(json!({ "prompt": "", "image_url": "x", "cfg_scale": -0.1 })), ["greater_than_equal"]);
        assert_eq!(kinds(json!([])), ["model_attributes_type"]);
    }

    #[test]
    fn an_aspect_ratio_field_decides_over_the_picture_unless_it_is_auto() {
        let luma = model("fal-ai/luma-dream-machine/ray-2/image-to-video");
        assert_eq!(luma.aspect_ratio(&json!({})), Some(16.0 / 9.0));
        assert_eq!(luma.aspect_ratio(&json!({ "aspect_ratio": "3:4" })), Some(0.75));
        let veo = model("fal-ai/veo3.1/image-to-video");
        assert_eq!(veo.aspect_ratio(&json!({})), None);
        assert_eq!(veo.aspect_ratio(&json!({ "aspect_ratio": "9:16" })), Some(9.0 / 16.0));
        let kling = model("fal-ai/kling-video/v2.1/pro/image-to-video");
        assert_eq!(kling.aspect_ratio(&json!({ "aspect_ratio": "1:1" })), None);
    }

    #[test]
    fn each_shape_of_a_duration_becomes_seconds() {
        for (endpoint_id, input, seconds) in [
            ("fal-ai/kling-video/v3/pro/image-to-video", json!({ "duration": "15" }), 15),
            ("fal-ai/veo3.1/image-to-video", json!({}), 8),
            ("fal-ai/veo3.1/image-to-video", json!({ "duration": "4s" }), 4),
            ("fal-ai/wan/v2.7/image-to-video", json!({ "duration": 4 }), 4),
            ("fal-ai/pixverse/v6/image-to-video", json!({ "duration": 15 }), 15),
            ("bytedance/seedance-2.0/image-to-video", json!({ "duration": "auto" }), 5),
            ("fal-ai/minimax/hailuo-2.3/pro/image-to-video", json!({ "duration": "10" }), 6),
        ] {
            assert_eq!(model(endpoint_id).seconds(&input), seconds, "{endpoint_id} {input}");
        }
    }

    #[test]
    fn each_spelling_of_a_resolution_becomes_pixels() {
        for (endpoint_id, input, pixels) in [
            ("fal-ai/minimax/hailuo-02/standard/image-to-video", json!({ "resolution": "512P" }), 512),
            ("fal-ai/veo3.1/image-to-video", json!({ "resolution": "4k" }), 2160),
            ("fal-ai/sora-2/image-to-video", json!({ "resolution": "auto" }), 720),
            ("fal-ai/wan-25-preview/image-to-video", json!({ "resolution": "bogus" }), 1080),
            ("fal-ai/kling-video/v2.1/standard/image-to-video", json!({ "resolution": "4k" }), 720),
        ] {
            assert_eq!(model(endpoint_id).short_side(&input), pixels, "{endpoint_id} {input}");
        }
    }

    #[test]
    fn the_fields_for_pictures_are_among_the_input() {
        for model in all() {
            let fields = &model.input_schema()["properties"];
            for name in std::iter::once(&model.video.start).chain(&model.video.end) {
                assert!(fields.get(name).is_some(), "{name} of {}", model.endpoint_id);
            }
        }
    }

    #[test]
    fn the_app_is_the_first_two_segments() {
        assert_eq!(model("fal-ai/wan/v2.7/image-to-video").app(), "fal-ai/wan");
        assert_eq!(model("bytedance/seedance-2.0/image-to-video").app(), "bytedance/seedance-2.0");
    }
}
