//! The body of a result: the video, and what else the endpoint's schema promises.

use serde_json::{Map, Value};

use crate::models::Model;

impl Model {
    /// The answer of the model: the file under `video`, and the seed or video id where the schema requires one.
    pub(crate) fn output(&self, video: Value, input: &Value, request_id: &str) -> Value {
        let mut body = Map::from_iter([("video".to_owned(), video)]);
        for name in self.output_schema()["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            match name {
                "seed" => body.insert(name.to_owned(), seed(input, request_id)),
                "video_id" => body.insert(name.to_owned(), format!("video_{request_id}").into()),
                _ => None,
            };
        }
        body.into()
    }
}

/// The given seed, or one that belongs to the request.
fn seed(input: &Value, request_id: &str) -> Value {
    let drawn = request_id.bytes().fold(0_u32, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    input.get("seed").filter(|seed| seed.is_i64()).cloned().unwrap_or_else(|| drawn.into())
}

#[cfg(test)]
mod tests {
    use crate::models::{all, check, find};
    use serde_json::json;

    #[test]
    fn every_result_keeps_to_the_schema_of_its_endpoint() {
        let video = json!({ "url": "x", "content_type": "video/mp4", "file_name": "output.mp4", "file_size": 1 });
        for model in all() {
            let body = model.output(video.clone(), &json!({}), "a-request");
            let faults = check::problems(&model.components, model.output_schema(), &body);
            assert!(faults.is_empty(), "{} {body}", model.endpoint_id);
        }
    }

    #[test]
    fn a_given_seed_is_given_back() {
        let wan = find("fal-ai/wan/v2.7/image-to-video").expect("is in the catalogue");
        assert_eq!(wan.output(json!({}), &json!({ "seed": 7 }), "a")["seed"], 7);
        let drawn = |id| wan.output(json!({}), &json!({ "seed": null }), id)["seed"].clone();
        assert_eq!(drawn("a"), drawn("a"));
        assert_ne!(drawn("a"), drawn("b"));
    }
}
