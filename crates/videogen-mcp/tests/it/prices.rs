//! The price first: models and estimates, for nothing.

use serde_json::json;

use crate::stage::{Stage, good};

#[tokio::test]
async fn the_models_are_listed_with_what_each_length_costs() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let list = good(&client, "list_models", json!({})).await;
    assert_eq!(list["default_model"], "kling_2.1");
    let kling = json!({
        "model": "kling_2.1",
        "endpoint_id": "fal-ai/kling-video/v2.1/standard/image-to-video",
        "durations": [{ "seconds": 5, "estimate_usd": "0.28" }, { "seconds": 10, "estimate_usd": "0.56" }],
        "default_duration": 5,
        "aspect_ratios": ["16:9", "9:16", "1:1", "4:5"],
        "crops_picture": true,
    });
    let models = list["models"].as_array().unwrap();
    let named = |name: &str| models.iter().find(|model| model["model"] == name);
    assert_eq!(named("kling_2.1"), Some(&kling));
    assert!(named("hailuo_02").is_some() && named("sora_2").is_none(), "what fal no longer offers is left out");
}

#[tokio::test]
async fn a_price_needs_no_picture_and_follows_the_parameters() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    for (arguments, model, seconds, price) in [
        (json!({}), "kling_2.1", 5, "0.28"),
        (json!({ "model": "kling_2.1_master", "duration": 10 }), "kling_2.1_master", 10, "2.8"),
        (json!({ "model": "fal-ai/minimax/hailuo-02/standard/image-to-video" }), "hailuo_02", 6, "0.27"),
        (json!({ "model": "hailuo_02", "parameters": { "resolution": "512P" } }), "hailuo_02", 6, "0.102"),
    ] {
        let quote = good(&client, "estimate_cost", arguments).await;
        let told = (&quote["model"], &quote["duration_seconds"], &quote["estimate_usd"]);
        assert_eq!(told, (&json!(model), &json!(seconds), &json!(price)));
    }
    let open = good(&client, "estimate_cost", json!({ "model": "seedance_2.0" })).await;
    assert_eq!((&open["estimate_usd"], &open["estimate_is_upper_bound"]), (&json!("4.551"), &json!(true)));
    let silent = json!({ "model": "veo_3.1", "resolution": "1080P", "audio": false });
    let silent = good(&client, "estimate_cost", silent).await;
    assert_eq!((&silent["estimate_usd"], silent.get("estimate_is_upper_bound")), (&json!("1.6"), None));
    assert_eq!(stage.emulator.requests().len(), 0);
}
