//! The pictures that an input names, and the limits that the endpoint sets them.

use serde_json::{Value, json};

use crate::models::Model;
use crate::models::schema::{Components, properties};
use crate::problem::{Location, Problem};

/// A field or list entry with the URL of a picture.
pub(crate) struct NamedPicture<'a> {
    pub(crate) at: Location,
    pub(crate) url: &'a str,
    /// The part of the schema with the limits.
    limits: &'a Value,
}

impl Model {
    /// Every picture that a faultless input names, in the order of its fields: the first one is filmed.
    pub(crate) fn pictures<'a>(&'a self, input: &'a Value) -> Vec<NamedPicture<'a>> {
        let mut found = Vec::new();
        for (name, property) in properties(self.input_schema()) {
            let is_frame = *name == self.video.start || self.video.end.as_deref() == Some(name);
            if let Some(value) = input.get(name) {
                collect(&self.components, property, value, Location::default().join(name), is_frame, &mut found);
            }
        }
        found
    }
}

fn collect<'a>(
    components: &'a Components,
    schema: &'a Value,
    value: &'a Value,
    at: Location,
    is_frame: bool,
    found: &mut Vec<NamedPicture<'a>>,
) {
    let shape = components.shape(schema);
    match value {
        Value::String(url) if is_frame || shape["ui"]["field"] == "image" => {
            found.push(NamedPicture { at, url, limits: shape.get("x-fal").unwrap_or(shape) });
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(components, &shape["items"], item, at.join(index), false, found);
            }
        }
        Value::Object(fields) => {
            for (name, property) in properties(shape) {
                if let Some(field) = fields.get(name) {
                    collect(components, property, field, at.join(name), false, found);
                }
            }
        }
        _ => {}
    }
}

impl NamedPicture<'_> {
    pub(crate) fn problem(&self, kind: &'static str, message: &str) -> Problem {
        Problem::new(&self.at, kind, message, &self.url.into())
    }

    /// The limit that the picture behind the URL breaks: bytes as they were downloaded, pixels of width and height.
    pub(crate) fn beyond_limits(&self, bytes: usize, (width, height): (u32, u32)) -> Option<Problem> {
        let limit = |name: &str| self.limits[name].as_u64();
        let most = limit("max_file_size").filter(|most| bytes as u64 > *most);
        if let Some(most) = most {
            return Some(
                self.problem("file_too_large", "The file is too large").with_context(json!({ "max_size": most })),
            );
        }
        let pair = |prefix: &str| Some((limit(&format!("{prefix}_width"))?, limit(&format!("{prefix}_height"))?));
        let (width, height) = (u64::from(width), u64::from(height));
        if let Some((least_width, least_height)) = pair("min").filter(|(w, h)| width < *w || height < *h) {
            let context = json!({ "min_width": least_width, "min_height": least_height });
            return Some(self.problem("image_too_small", "The image is too small").with_context(context));
        }
        let (most_width, most_height) = pair("max").filter(|(w, h)| width > *w || height > *h)?;
        let context = json!({ "max_width": most_width, "max_height": most_height });
        Some(self.problem("image_too_large", "The image is too large").with_context(context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::find;

    fn model(endpoint_id: &str) -> &'static Model {
        find(endpoint_id).expect("is in the catalogue")
    }

    #[test]
    fn pictures_are_found_however_deep_and_nothing_else_is() {
        let kling = model("fal-ai/kling-video/v3/pro/image-to-video");
        let input = json!({
            "prompt": "a prompt", "start_image_url": "start", "end_image_url": null,
            "elements": [
                { "frontal_image_url": "front", "reference_image_urls": ["side", "back"], "voice_id": "voice" },
                { "video_url": "film" },
            ],
        });
        let found: Vec<_> =
            kling.pictures(&input).iter().map(|p| (p.problem("x", "").to_json()["loc"].clone(), p.url)).collect();
        assert_eq!(
            found,
            [
                (json!(["body", "start_image_url"]), "start"),
                (json!(["body", "elements", 0, "frontal_image_url"]), "front"),
                (json!(["body", "elements", 0, "reference_image_urls", 0]), "side"),
                (json!(["body", "elements", 0, "reference_image_urls", 1]), "back"),
            ]
        );
    }

    #[test]
    fn a_picture_beyond_the_published_limits_is_named_with_them() {
        let fault = |endpoint_id: &str, bytes, size| {
            let input = json!({ "image_url": "x" });
            let problem = model(endpoint_id).pictures(&input).remove(0).beyond_limits(bytes, size)?.to_json();
            Some((problem["type"].as_str()?.to_owned(), problem["ctx"].clone()))
        };
        let kling = "fal-ai/kling-video/v2.5-turbo/standard/image-to-video";
        let too_small = ("image_too_small".to_owned(), json!({ "min_width": 300, "min_height": 300 }));
        assert_eq!(fault(kling, 1000, (299, 300)), Some(too_small));
        assert_eq!(fault(kling, 10_485_760, (300, 300)), None);
        assert_eq!(
            fault(kling, 10_485_761, (300, 300)),
            Some(("file_too_large".into(), json!({ "max_size": 10_485_760 })))
        );
        let wan = "fal-ai/wan-25-preview/image-to-video";
        let too_large = ("image_too_large".to_owned(), json!({ "max_width": 8000, "max_height": 8000 }));
        assert_eq!(fault(wan, 1000, (8001, 300)), Some(too_large));
        assert_eq!(fault("fal-ai/veo3.1/image-to-video", usize::MAX, (1, 1)), None);
    }
}
