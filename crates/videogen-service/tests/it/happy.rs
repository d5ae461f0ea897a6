//! A generation without trouble.

use fal_upload::ContentHash;
use serde_json::{Value, json};
use videogen_domain::{GenerationRequest, GenerationState, ImageInput, Observation};
use videogen_service::TransferProgress;

use crate::answers::status;
use crate::journals::Recording;
use crate::media::{film, png};
use crate::stage::{PICTURE_URL, PROMPT, Stage, VIDEO_URL};

pub(crate) const EVENTS: [&str; 9] = [
    "images_uploaded",
    "submit_intended",
    "submitted",
    "observed",
    "observed",
    "observed",
    "result_received",
    "video_stored",
    "settled",
];

/// A stage on which fal shows each of its three statuses, some of them twice.
pub(crate) async fn stage() -> Stage {
    let stage = Stage::new();
    let log = |text: &str| json!({ "message": text, "timestamp": "2024-12-20T15:37:17.120314", "level": "INFO" });
    let queued = json!({ "status": "IN_QUEUE", "queue_position": 1 });
    let running = json!({ "status": "IN_PROGRESS", "logs": [log("loading"), log(" 40%|####      |")] });
    let silent = json!({ "status": "IN_PROGRESS", "logs": [] });
    for body in [&queued, &queued, &running, &silent] {
        let status = status(body.clone()).await;
        stage.script().status.push_back(Ok(status));
    }
    stage
}

#[tokio::test]
async fn every_step_is_recorded_once_and_in_order() {
    let (stage, journal) = (stage().await, Recording::default());
    let planned = stage.planned().await;
    let generation = stage.service().run(planned.clone(), &journal).await.unwrap();
    assert_eq!(journal.names(), EVENTS);
    assert_eq!(journal.restored(&planned), generation, "the events tell everything");
    assert_eq!((generation.state, generation.request_id()), (GenerationState::Completed, Some("r-1")));
    assert_eq!(generation.observation, Some(Observation::Done { failed: false }));
    let logged: Vec<_> = generation.logs.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(logged, ["loading", " 40%|####      |"], "each line once");
    assert_eq!(stage.script().looks, 5);
}

#[tokio::test]
async fn fal_is_asked_once_for_exactly_what_was_planned() {
    let (stage, journal) = (stage().await, Recording::default());
    let planned = stage.planned().await;
    let generation = stage.service().run(planned, &journal).await.unwrap();
    let input = json!({ "prompt": PROMPT, "image_url": PICTURE_URL, "duration": "5" });
    let script = stage.script();
    assert_eq!(script.submitted, [(generation.endpoint_id.clone(), input.clone())]);
    assert_eq!(generation.endpoint_id, "fal-ai/kling-video/v2.1/standard/image-to-video");
    let attempt = generation.attempt.unwrap();
    assert_eq!(attempt.body_hash, ContentHash::of(input.to_string().as_bytes()).to_string());
    assert!(!attempt.attempt_id.is_empty());
    assert_eq!(script.uploaded.len(), 1);
    assert_eq!(script.downloads, [VIDEO_URL]);
}

#[tokio::test]
async fn the_last_frame_is_uploaded_and_sent_like_the_first() {
    let (stage, journal) = (stage().await, Recording::default());
    let picture = |width| ImageInput::Bytes { name: "a.png".to_owned(), bytes: png(width, 54).into() };
    let asked = GenerationRequest::new(picture(64), PROMPT).with_model("kling_2.1_pro").with_end_image(picture(96));
    let generation = stage.service().run(stage.planned_as(asked).await, &journal).await.unwrap();
    let script = stage.script();
    assert_eq!(script.submitted[0].1["tail_image_url"], PICTURE_URL);
    assert_eq!(script.uploaded.len(), 2);
    let end_hash = ContentHash::of(&png(96, 54)).to_string();
    assert_eq!(generation.end_image.unwrap().content_hash, Some(end_hash.clone()));
    assert_eq!(serde_json::from_slice::<Value>(&stage.read("r-1.mp4.json")).unwrap()["end_image_sha256"], end_hash);
}

#[tokio::test]
async fn the_video_is_on_disk_with_its_sidecar_and_its_bill() {
    let (stage, journal) = (stage().await, Recording::default());
    let planned = stage.planned().await;
    let generation = stage.service().run(planned, &journal).await.unwrap();
    assert_eq!(stage.files(), ["out.mp4", "out.mp4.json"]);
    assert_eq!(stage.read("out.mp4"), film());
    assert_eq!(generation.billed.unwrap().to_string(), "$0.28");
    let stored = generation.stored.unwrap();
    assert_eq!(stored.location, stage.folder.path().join("out.mp4").display().to_string());
    assert_eq!((stored.bytes, stored.replaced), (film().len() as u64, None));

    let text = String::from_utf8(stage.read("out.mp4.json")).unwrap();
    assert!(!text.contains("5igned"), "a signed address is not written down");
    let mut sidecar: Value = serde_json::from_str(&text).unwrap();
    let stored_at = sidecar["stored_at"].take();
    assert!(stored_at.as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{stored_at}");
    let expected = json!({
        "model": "kling_2.1",
        "endpoint_id": "fal-ai/kling-video/v2.1/standard/image-to-video",
        "request_id": "r-1",
        "attempt_id": generation.attempt.unwrap().attempt_id,
        "duration_seconds": 5,
        "fingerprint": null,
        "input": { "prompt": PROMPT, "duration": "5" },
        "image_sha256": ContentHash::of(&png(64, 36)).to_string(),
        "end_image_sha256": null,
        "video_duration_ms": null,
        "video_width": null,
        "video_height": null,
        "mismatches": [],
        "video_sha256": ContentHash::of(&film()).to_string(),
        "video_bytes": film().len(),
        "estimate_usd": "0.28",
        "billed_usd": "0.28",
        "billable_units": "5",
        "project_id": null,
        "scene_id": null,
        "poster": null,
        "stored_at": null,
    });
    assert_eq!(sidecar, expected);
}

#[tokio::test]
async fn the_download_tells_how_far_it_is() {
    let (stage, journal) = (stage().await, Recording::default());
    let planned = stage.planned().await;
    stage.service().run(planned, &journal).await.unwrap();
    let progress = journal.progress();
    assert_eq!(progress.first(), Some(&TransferProgress::Uploading));
    let Some(TransferProgress::Downloading { received, total }) = progress.last() else { panic!("{progress:?}") };
    assert_eq!((*received, *total), (film().len() as u64, Some(film().len() as u64)));
}

#[tokio::test]
async fn a_generation_that_has_ended_is_left_alone() {
    let (stage, journal) = (stage().await, Recording::default());
    let planned = stage.planned().await;
    let ended = stage.service().run(planned, &journal).await.unwrap();
    assert_eq!(stage.service().run(ended.clone(), &journal).await.unwrap(), ended);
    assert_eq!((journal.names().len(), stage.submits(), stage.script().downloads.len()), (9, 1, 1));
}

#[tokio::test]
async fn an_accepted_request_is_picked_up_by_its_id_and_not_submitted() {
    let (stage, journal) = (stage().await, Recording::default());
    let adopted = stage.service().adopt("kling_2.1", "r-7").unwrap().with_file_name("found.mp4");
    let generation = stage.service().run(adopted, &journal).await.unwrap();
    assert_eq!((generation.state, generation.request_id()), (GenerationState::Completed, Some("r-7")));
    assert_eq!((stage.submits(), stage.script().uploaded.len()), (0, 0));
    assert_eq!(stage.files(), ["found.mp4", "found.mp4.json"]);
    assert_eq!(journal.names(), EVENTS[3..]);
    assert_eq!(generation.billed.unwrap().to_string(), "$0.28");
}

#[tokio::test]
async fn a_bill_that_fal_does_not_name_is_unknown_and_not_zero() {
    let (stage, journal) = (stage().await, Recording::default());
    let output = fal_core::Output::new(crate::stage::output().payload, None);
    stage.script().result.push_back(Ok(output));
    let planned = stage.planned().await;
    let generation = stage.service().run(planned, &journal).await.unwrap();
    assert_eq!((generation.state, generation.billed), (GenerationState::Completed, None));
    let sidecar: Value = serde_json::from_slice(&stage.read("out.mp4.json")).unwrap();
    assert_eq!((&sidecar["billed_usd"], &sidecar["billable_units"]), (&Value::Null, &Value::Null));
}
