//! fal's OpenAPI documents say the same as the catalogue; broken and strange ones say why they cannot be used.

use serde_json::{Value, json};
use videogen_domain::{CostEstimate, ModelRegistry, ModelSpec, ParameterRole, ParameterSpec, ParameterType};

use crate::ask::{check_with, request};

const DOCUMENTS: [(&str, &str); 9] = [
    ("hailuo.toml", include_str!("../fixtures/openapi/hailuo_02_standard_i2v.json")),
    ("kling.toml", include_str!("../fixtures/openapi/kling_v2.1_master_i2v.json")),
    ("kling.toml", include_str!("../fixtures/openapi/record_kling_v2.1_master.json")),
    ("kling.toml", include_str!("../fixtures/openapi/kling_v2.5_turbo_standard_i2v.json")),
    ("kling.toml", include_str!("../fixtures/openapi/kling_v3_pro_i2v.json")),
    ("seedance.toml", include_str!("../fixtures/openapi/seedance_2.0_i2v.json")),
    ("sora.toml", include_str!("../fixtures/openapi/sora_2_i2v.json")),
    ("veo.toml", include_str!("../fixtures/openapi/veo3.1_i2v.json")),
    ("wan.toml", include_str!("../fixtures/openapi/wan_2.5_i2v.json")),
];

fn by_hand(file: &str, endpoint_id: &str) -> ModelSpec {
    #[derive(serde::Deserialize)]
    struct File {
        model: Vec<ModelSpec>,
    }
    let path = format!("{}/catalogue/{file}", env!("CARGO_MANIFEST_DIR"));
    let file: File = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file.model.into_iter().find(|model| model.endpoint_id == endpoint_id).expect("the catalogue has the endpoint")
}

#[test]
fn a_document_gives_the_same_description_as_the_catalogue() {
    for (file, text) in DOCUMENTS {
        let mut read = ModelSpec::from_openapi(&serde_json::from_str(text).unwrap()).unwrap();
        let mut kept = by_hand(file, &read.endpoint_id);
        if read.endpoint_id == "bytedance/seedance-2.0/image-to-video" {
            changed_since(&mut read.parameters);
        }
        // What a document does not tell: our name, the price, and what was learnt elsewhere.
        kept.id.clone_from(&kept.endpoint_id);
        kept.display_name.clone_from(&read.display_name);
        let untold = ModelSpec { family: None, retired: None, notes: Vec::new(), pricing: None, ..kept };
        let untold = ModelSpec { instead: Default::default(), native_audio: false, ..untold };
        assert_eq!(read, untold, "{}", read.endpoint_id);
    }
}

/// Seedance 2.0 after the day of its document: no seed, one more size, a bit rate.
fn changed_since(parameters: &mut Vec<ParameterSpec>) {
    parameters.retain(|parameter| parameter.role != Some(ParameterRole::Seed));
    let size = parameters.iter_mut().find(|parameter| parameter.role == Some(ParameterRole::Resolution)).unwrap();
    size.allowed.push("4k".into());
    let mut bitrate = ParameterSpec::new("bitrate_mode", [ParameterType::String]);
    bitrate.allowed = vec!["standard".into(), "high".into()];
    bitrate.default = Some("standard".into());
    parameters.push(bitrate);
}

#[test]
fn a_model_from_a_document_is_used_like_any_other_and_its_price_is_unknown() {
    for (_, text) in DOCUMENTS {
        let spec = ModelSpec::from_openapi(&serde_json::from_str(text).unwrap()).unwrap();
        let mut models = ModelRegistry::default();
        let id = spec.id.clone();
        models.register_spec(spec).unwrap();
        let plan = check_with(&request(&id), &models).unwrap();
        assert_eq!((plan.estimate, plan.model_id), (CostEstimate::Unknown, id));
    }
}

/// A document of an endpoint that takes these properties.
fn document(properties: Value) -> Value {
    json!({
        "openapi": "3.0.4",
        "info": { "x-fal-metadata": { "endpointId": "me/moves/image-to-video" } },
        "paths": { "/me/moves/image-to-video": { "post": { "requestBody": { "content": { "application/json": {
            "schema": { "$ref": "#/components/schemas/Input" }
        }}}}}, "/me/moves/requests/{request_id}": { "get": { "responses": { "200": { "content": { "application/json": {
            "schema": { "properties": { "video": {}, "seed": {} } }
        }}}}}}},
        "components": { "schemas": {
            "Input": { "type": "object", "properties": properties, "required": ["image_url"] },
            "Size": { "type": "string", "enum": ["small", "large"] },
            "Url": { "allOf": [{ "$ref": "#/components/schemas/Text" }, { "maxLength": 2000 }] },
            "Text": { "type": "string" },
        }},
    })
}

fn parameter(schema: Value) -> Result<ParameterSpec, String> {
    let document = document(json!({ "image_url": { "type": "string" }, "it": schema }));
    let spec = ModelSpec::from_openapi(&document).map_err(|error| error.to_string())?;
    Ok(spec.parameters.into_iter().find(|parameter| parameter.name == "it").unwrap())
}

#[test]
fn the_many_ways_of_writing_a_schema_are_read() {
    use ParameterType::{Array, Integer, Number, String};
    let of = |types: &[ParameterType], change: fn(&mut ParameterSpec)| {
        let mut parameter = ParameterSpec::new("it", types);
        change(&mut parameter);
        parameter
    };
    for (schema, expected) in [
        (
            json!({ "$ref": "#/components/schemas/Size" }),
            of(&[String], |it| it.allowed = vec!["small".into(), "large".into()]),
        ),
        (
            json!({ "$ref": "#/components/schemas/Url", "minLength": 1 }),
            of(&[String], |it| {
                it.min_length = Some(1);
                it.max_length = Some(2000);
            }),
        ),
        (
            json!({ "allOf": [{ "$ref": "#/components/schemas/Size" }], "default": "small" }),
            of(&[String], |it| {
                it.allowed = vec!["small".into(), "large".into()];
                it.default = Some("small".into());
            }),
        ),
        (
            json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "null" }] }),
            of(&[Integer], |it| {
                it.min = Some(1.0);
                it.nullable = true;
            }),
        ),
        (
            json!({ "type": ["number", "null"], "maximum": 2 }),
            of(&[Number], |it| {
                it.max = Some(2.0);
                it.nullable = true;
            }),
        ),
        (json!({ "type": "string", "nullable": true }), of(&[String], |it| it.nullable = true)),
        (
            json!({ "oneOf": [{ "enum": [6, 8] }, { "const": "auto" }] }),
            of(&[Integer, String], |it| {
                it.allowed = vec![6.into(), 8.into(), "auto".into()];
            }),
        ),
        (json!({ "anyOf": [{ "enum": ["a"] }, { "type": "string" }] }), of(&[String], |_| ())),
        (
            json!({ "enum": ["a", null] }),
            of(&[String], |it| {
                it.allowed = vec!["a".into()];
                it.nullable = true;
            }),
        ),
        (
            json!({ "type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10 }),
            of(&[Integer], |it| {
                it.min = Some(1.0);
                it.max = Some(9.0);
            }),
        ),
        (json!({ "type": "number", "minimum": 0, "exclusiveMinimum": true }), of(&[Number], |it| it.min = Some(0.0))),
        (
            json!({ "type": "array", "items": { "$ref": "#/components/schemas/Text" }, "maxItems": 4 }),
            of(&[Array], |it| {
                it.items = Some(String);
                it.max_items = Some(4);
            }),
        ),
        (
            json!({ "type": "string", "enum": ["129"], "default": 129 }),
            of(&[String], |it| {
                it.allowed = vec!["129".into()];
                it.default = Some("129".into());
            }),
        ),
        (json!({}), of(&[], |_| ())),
        (json!(true), of(&[], |_| ())),
    ] {
        assert_eq!(parameter(schema.clone()), Ok(expected), "{schema}");
    }
}

#[test]
fn a_broken_or_strange_document_says_why_it_cannot_be_used() {
    let good = document(json!({ "image_url": { "type": "string" } }));
    assert!(ModelSpec::from_openapi(&good).is_ok());
    let without = |pointer: &str, key: &str| {
        let mut broken = good.clone();
        broken.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key);
        broken
    };
    let with = |pointer: &str, value: Value| {
        let mut broken = good.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        broken
    };
    const INPUT: &str = "/components/schemas/Input";
    const PROPERTIES: &str = "/components/schemas/Input/properties";
    let pictures = json!({ "properties": { "images": {} } });
    let circle = json!({ "$ref": INPUT.replacen('/', "#/", 1) });
    for (broken, reason) in [
        (json!(5), "not a JSON object"),
        (json!({}), "has no `openapi`"),
        (json!({ "models": [] }), "a list of models"),
        (
            json!({ "endpoint_id": "a/b", "openapi": { "error": { "message": "gone" } } }),
            "could not make the document: gone",
        ),
        (with("/openapi", json!("2.0")), "OpenAPI 2.0; give one of OpenAPI 3"),
        (without("", "paths"), "no `paths`"),
        (with("/paths", json!({ "/me/moves": { "get": {} } })), "none of its `paths` has a `post`"),
        (
            without("/paths/~1me~1moves~1image-to-video/post/requestBody/content", "application/json"),
            "not `application/json`",
        ),
        (without("/components/schemas", "Input"), "refers to #/components/schemas/Input, which is not there"),
        (with(INPUT, circle), "in a circle"),
        (with(INPUT, json!({ "$ref": "other.json" })), "refers to other.json, which is outside of it"),
        (with(INPUT, json!("text")), "has no `properties`"),
        (without(INPUT, "properties"), "has no `properties`"),
        (with(PROPERTIES, json!({})), "has no `properties`"),
        (with(PROPERTIES, json!({ "prompt": { "type": "string" } })), "requires image_url, which it does not describe"),
        (with(PROPERTIES, json!({ "image_url": { "type": "picture" } })), "the type picture, which JSON has not"),
        (with(PROPERTIES, json!({ "image_url": { "type": "integer" } })), "none of its parameters takes a still image"),
        (
            with(
                PROPERTIES,
                json!({ "image_url": { "type": "string" }, "n": { "type": "integer", "minimum": 2, "maximum": 1 } }),
            ),
            "n: min is greater than max",
        ),
        (
            with(
                PROPERTIES,
                json!({ "image_url": { "type": "string" }, "n": { "type": "integer", "default": "one" } }),
            ),
            "n must be a whole number, not \"one\"",
        ),
        (
            with(
                "/paths/~1me~1moves~1requests~1{request_id}/get/responses/200/content/application~1json/schema",
                pictures,
            ),
            "it makes no `video`; it answers with images",
        ),
        (with("/info/x-fal-metadata/endpointId", json!("no endpoint")), "names no endpoint"),
    ] {
        let error = ModelSpec::from_openapi(&broken).expect_err(reason).to_string();
        assert!(
            error.starts_with("the OpenAPI document cannot be used: ") && error.contains(reason),
            "{reason}: {error}"
        );
    }
}

#[test]
fn an_endpoint_without_metadata_is_named_by_its_path() {
    let mut document = document(json!({ "image_url": { "type": "string" } }));
    document["info"] = json!({});
    assert_eq!(ModelSpec::from_openapi(&document).unwrap().endpoint_id, "me/moves/image-to-video");
}
