//! A picture goes in, a video comes out, and it is paid for once.

use fal_emulator::Pace;
use serde_json::{Value, json};
use videogen_tests::film::Film;

use crate::stage::{Stage, path_of, problem, request};

#[tokio::test]
async fn a_still_image_becomes_a_playable_video_and_is_charged_once() {
    let stage = Stage::set().await;
    let created = stage.caller.create(&request()).await;
    assert_eq!((&created["model"], &created["estimate_usd"]), (&json!("kling_2.1"), &json!("0.28")));
    let task = stage.caller.settled(&created).await;
    assert_eq!((&task["status"], &task["provider"]), (&json!("completed"), &json!("elsewhere")));
    assert_eq!((&task["billed_usd"], &task["duration_seconds"]), (&json!("0.28"), &json!(5)));

    let response = stage.caller.get(task["video"]["url"].as_str().unwrap()).await;
    assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &"video/mp4".parse().unwrap()));
    assert_eq!(response.content_length(), task["video"]["bytes"].as_u64());
    let video = response.bytes().await.unwrap();
    let file = stage.path("videos").join(format!("{}.mp4", task["request_id"].as_str().unwrap()));
    assert!(video == std::fs::read(file).unwrap(), "the download is the file");
    assert_eq!(Film::decode(&video).frame_count, 5 * 24);

    let charges = stage.emulator.ledger().charges();
    assert_eq!(charges.len(), 1);
    assert_eq!(task["request_id"], charges[0].request_id);
    assert!(!task.to_string().contains(&stage.folder.path().display().to_string()), "no path of the machine");
}

#[tokio::test]
async fn every_field_reaches_the_model() {
    let stage = Stage::set().await;
    let mut asked = request();
    for (name, value) in [
        ("duration", json!(10)),
        ("aspect_ratio", json!("9:16")),
        ("fit", json!("pad")),
        ("model", json!("fal-ai/kling-video/v2.1/pro/image-to-video")),
        ("audio", json!(false)),
        ("negative_prompt", json!("blur")),
        ("parameters", json!({ "cfg_scale": 0.7 })),
        ("max_cost_usd", json!("0.98")),
    ] {
        asked[name] = value;
    }
    asked["end_image"] = asked["image"].clone();
    let created = stage.caller.create(&asked).await;
    let task = stage.caller.settled(&created).await;
    assert_eq!((&task["model"], &task["billed_usd"]), (&json!("kling_2.1_pro"), &json!("0.98")));
    let sidecar = stage.path("videos").join(format!("{}.mp4.json", task["request_id"].as_str().unwrap()));
    let sidecar: Value = serde_json::from_slice(&std::fs::read(sidecar).unwrap()).unwrap();
    let prompt = "slow zoom in on the lighthouse";
    let input = json!({ "prompt": prompt, "duration": "10", "negative_prompt": "blur", "cfg_scale": 0.7 });
    assert_eq!((&sidecar["input"], &sidecar["end_image_sha256"]), (&input, &sidecar["image_sha256"]));
    let video = stage.caller.get(&format!("{}/video", path_of(&task))).await.bytes().await.unwrap();
    let film = Film::decode(&video);
    let (width, height) = film.first.dimensions();
    assert!((f64::from(width) / f64::from(height) - 9.0 / 16.0).abs() < 0.02, "{width}x{height}");
    assert!(film.first.get_pixel(width / 2, 2).0.iter().all(|&level| level < 24), "padded with black");
}

#[tokio::test]
async fn progress_is_told_and_there_is_no_video_before_the_end() {
    let stage = Stage::at_pace(Pace::Realistic).await;
    let created = stage.caller.create(&request()).await;
    let accepted = stage.caller.until(&created, |task| task["request_id"].is_string()).await;
    let (status, error) = problem(stage.caller.get(&format!("{}/video", path_of(&created))).await).await;
    assert_eq!((status, &error["kind"]), (409, &json!("no_video")));
    let task = stage.caller.settled(&created).await;
    assert_eq!((&task["status"], &task["request_id"]), (&json!("completed"), &accepted["request_id"]));
    assert!(task["logs"][0]["message"].is_string());
    assert_eq!(stage.emulator.ledger().charges().len(), 1);

    let name = format!("{}.mp4", task["request_id"].as_str().unwrap());
    std::fs::remove_file(stage.path("videos").join(name)).unwrap();
    let (status, error) = problem(stage.caller.get(&format!("{}/video", path_of(&created))).await).await;
    assert_eq!((status, &error["kind"]), (410, &json!("video_gone")));
}

#[tokio::test]
async fn what_is_stopped_is_held_and_named_with_its_request_id() {
    let stage = Stage::at_pace(Pace::Realistic).await;
    let created = stage.caller.create(&request()).await;
    let accepted = stage.caller.until(&created, |task| task["request_id"].is_string()).await;
    stage.videogen.close().await;
    let held = stage.caller.settled(&created).await;
    assert_eq!((&held["status"], &held["error"]["kind"]), (&json!("held"), &json!("stopped")));
    let unfinished = stage.videogen.queue().unfinished();
    assert_eq!(unfinished.len(), 1);
    assert_eq!(unfinished[0].request_id.as_deref(), accepted["request_id"].as_str());
}

#[tokio::test]
async fn tasks_are_listed_and_what_was_made_is_given_again() {
    let stage = Stage::set().await;
    let listed = |query: &'static str| {
        let caller = &stage.caller;
        async move { caller.get(&format!("/v1/tasks{query}")).await.json::<Value>().await.unwrap()["tasks"].clone() }
    };
    assert_eq!(listed("").await, json!([]));
    let first = stage.caller.settled(&stage.caller.create(&request()).await).await;
    let again = stage.caller.settled(&stage.caller.create(&request()).await).await;
    assert_eq!((&again["reused_request_id"], &again["billed_usd"]), (&first["request_id"], &json!("0")));
    assert_eq!(listed("").await, json!([again, first]), "the newest first");
    assert_eq!(listed("?limit=1").await, json!([again]));
    assert_eq!(listed("?unfinished=true").await, json!([]));
    assert_eq!(listed("?project_id=film").await, json!([]));
    let older = stage.caller.get(&format!("/v1/tasks?before={}", again["id"].as_str().unwrap())).await;
    assert_eq!(older.json::<Value>().await.unwrap()["tasks"], json!([first]));
    let wrong = stage.caller.get("/v1/tasks?limits=1").await;
    assert_eq!(wrong.status().as_u16(), 400);
    assert!(wrong.text().await.unwrap().contains("limits"));
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}
