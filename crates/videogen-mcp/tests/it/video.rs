//! A picture goes in, a video comes out, and it is paid for once.

use serde_json::json;
use videogen_tests::film::Film;

use crate::stage::{Stage, generate, good};

#[tokio::test]
async fn a_still_image_becomes_a_playable_video_and_is_charged_once() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let task = generate(&client, "still.png").await;
    assert_eq!((&task["status"], &task["provider"]), (&json!("completed"), &json!("elsewhere")));
    assert_eq!((&task["model"], &task["duration_seconds"]), (&json!("kling_2.1"), &json!(5)));
    assert_eq!((&task["estimate_usd"], &task["billed_usd"]), (&json!("0.28"), &json!("0.28")));

    let file = task["video"]["file"].as_str().unwrap();
    let video = std::fs::read(file).unwrap();
    assert_eq!(task["video"]["bytes"], video.len());
    assert!(std::path::Path::new(task["video"]["sidecar"].as_str().unwrap()).is_file());
    assert_eq!(Film::decode(&video).frame_count, 5 * 24);

    let charges = stage.emulator.ledger().charges();
    assert_eq!(charges.len(), 1);
    assert_eq!(task["request_id"], charges[0].request_id);
}

#[tokio::test]
async fn every_argument_reaches_the_model() {
    let stage = Stage::set().await;
    let (client, _serving) = stage.client().await;
    let arguments = json!({
        "image_url": stage.path("pictures/still.png"),
        "motion_prompt": "pan left along the coast",
        "duration": 10,
        "aspect_ratio": "9:16",
        "model": "kling_2.1_pro",
        "negative_prompt": "blur",
        "cfg_scale": 0.7,
        "max_cost_usd": 0.98,
    });
    let task = good(&client, "generate_video_from_image", arguments).await;
    let sidecar = std::fs::read(task["video"]["sidecar"].as_str().unwrap()).unwrap();
    let sidecar: serde_json::Value = serde_json::from_slice(&sidecar).unwrap();
    let input = json!({
        "prompt": "pan left along the coast", "duration": "10", "negative_prompt": "blur", "cfg_scale": 0.7,
    });
    assert_eq!((&sidecar["model"], &sidecar["input"]), (&json!("kling_2.1_pro"), &input));
    let film = Film::decode(&std::fs::read(task["video"]["file"].as_str().unwrap()).unwrap());
    let (width, height) = film.first.dimensions();
    assert!((f64::from(width) / f64::from(height) - 9.0 / 16.0).abs() < 0.02, "{width}x{height}");

    let optimised = json!({
        "image_url": "still.png",
        "motion_prompt": "pan left along the coast",
        "model": "hailuo_02",
        "prompt_optimizer": false,
        "parameters": { "resolution": "512P" },
    });
    let task = good(&client, "generate_video_from_image", optimised).await;
    assert_eq!((&task["estimate_usd"], &task["upload_cached"]), (&json!("0.102"), &json!(false)));
    assert_eq!(stage.emulator.ledger().charges().len(), 2);
}
