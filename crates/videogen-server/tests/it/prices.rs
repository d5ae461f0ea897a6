//! The price first: models and estimates, for nothing.

use serde_json::{Value, json};

use crate::stage::{Stage, problem};

#[tokio::test]
async fn the_models_are_listed_with_what_each_length_costs() {
    let stage = Stage::set().await;
    let list: Value = stage.caller.get("/v1/models").await.json().await.unwrap();
    assert_eq!(list["default_model"], "kling_2.1");
    let kling = json!({
        "model": "kling_2.1",
        "endpoint_id": "fal-ai/kling-video/v2.1/standard/image-to-video",
        "durations": [{ "seconds": 5, "estimate_usd": "0.28" }, { "seconds": 10, "estimate_usd": "0.56" }],
        "default_duration": 5,
        "aspect_ratios": ["16:9", "9:16", "1:1", "4:5"],
        "reshapes_picture": true,
    });
    let models = list["models"].as_array().unwrap();
    let named = |name: &str| models.iter().find(|model| model["model"] == name);
    assert_eq!(named("kling_2.1"), Some(&kling));
    assert!(named("sora_2").is_none(), "what fal no longer offers is left out");
}

#[tokio::test]
async fn a_price_needs_no_picture_and_follows_the_parameters() {
    let stage = Stage::set().await;
    for (body, model, seconds, price) in [
        (json!({}), "kling_2.1", 5, "0.28"),
        (json!({ "model": "kling_2.1_master", "duration": 10 }), "kling_2.1_master", 10, "2.8"),
        (json!({ "model": "hailuo_02", "parameters": { "resolution": "512P" } }), "hailuo_02", 6, "0.102"),
    ] {
        let quote: Value = stage.caller.post("/v1/estimates", &body).await.json().await.unwrap();
        let told = (&quote["model"], &quote["duration_seconds"], &quote["estimate_usd"]);
        assert_eq!(told, (&json!(model), &json!(seconds), &json!(price)));
    }
    let wrong = json!({ "model": "kling2.1", "image": {} });
    let (status, error) = problem(stage.caller.post("/v1/estimates", &wrong).await).await;
    assert_eq!(
        (status, &error["violations"][0]["field"], &error["violations"][1]["field"]),
        (422, &json!("image"), &json!("model"))
    );
    assert_eq!(error["violations"][1]["suggestion"], "kling_2.1");
    assert_eq!(stage.emulator.requests().len(), 0);
}
