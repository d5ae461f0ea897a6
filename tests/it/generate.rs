//! A picture goes in, a video comes out.

use std::path::Path;

use fal_emulator::{Fault, FaultRule, Operation};
use image::imageops::{FilterType, resize};
use videogen::{Environment, Fit, GenerationRequest, ImageInput, Provider, TaskStatus};
use videogen_tests::film::{Film, psnr, seen};

use crate::stage::{Stage, generate, settled, videogen};

/// The picture of the README's first command, found from wherever cargo runs the tests.
fn lighthouse() -> std::path::PathBuf {
    let here = std::env::current_dir().expect("there is a working folder");
    let root = here.ancestors().find(|folder| folder.join("examples/lighthouse.png").is_file());
    root.expect("the tests run inside the repository").join("examples/lighthouse.png")
}

fn without_key(cache: &Path) -> Environment {
    let folders = [("VIDEO_GEN_CACHE_DIR", cache), ("VIDEO_GEN_DATA_DIR", &cache.join("data"))];
    folders.into_iter().map(|(name, folder)| (name, folder.display().to_string())).collect()
}

#[tokio::test]
async fn the_first_page_keeps_its_word_without_a_key_and_the_second_run_uploads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let request = GenerationRequest::new(ImageInput::Path(lighthouse()), "slow zoom in on the lighthouse")
        .with_file_name("lighthouse.mp4");

    let first_run = videogen(without_key(&cache), folder.path()).await;
    assert_eq!(first_run.provider(), Provider::BuiltInEmulator { persistent: true });
    let task = generate(&first_run, &request).await;
    assert_eq!((task.status, task.failure), (TaskStatus::Completed, None));
    assert_eq!(task.upload_cached, Some(false));
    assert_eq!(
        (task.estimate.to_string(), task.billed.map(|billed| billed.to_string())),
        ("$0.28".into(), Some("$0.28".into()))
    );

    let file = std::fs::read(folder.path().join("lighthouse.mp4")).unwrap();
    let film = Film::decode(&file);
    assert_eq!(film.first.dimensions(), (1280, 720));
    assert_eq!((film.frame_count, film.profile, film.is_constrained), (120, 66, true));
    assert!((film.duration - 5.0).abs() <= 1.0 / 24.0, "{} s", film.duration);

    let picture = resize(&image::open(lighthouse()).unwrap().to_rgb8(), 1280, 720, FilterType::Lanczos3);
    let (faithful, still) = (psnr(&film.first, &picture), psnr(&film.last, &picture));
    assert!(faithful > 30.0, "the first frame is the picture: {faithful:.1} dB");
    let zoomed = psnr(&film.last, &seen(&picture, 1.35, (0.0, 0.0), 0.0));
    assert!(zoomed > 22.0 && zoomed > still + 5.0, "the last is zoomed: {zoomed:.1} dB, as still {still:.1} dB");

    let sidecar: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("lighthouse.mp4.json")).unwrap()).unwrap();
    assert_eq!(sidecar["request_id"].as_str(), task.request_id.as_deref());
    assert_eq!(
        (sidecar["billed_usd"].as_str(), sidecar["video_bytes"].as_u64()),
        (Some("0.28"), Some(file.len() as u64))
    );
    first_run.close().await;
    drop(first_run);

    let second_run = videogen(without_key(&cache), folder.path()).await;
    let fresh = generate(&second_run, &request.clone().with_fresh(true)).await;
    assert_eq!((fresh.upload_cached, fresh.reused_request_id), (Some(true), None));
    assert_ne!(fresh.request_id, task.request_id);
}

#[tokio::test]
async fn every_model_of_the_emulator_makes_its_shortest_and_its_longest_video_at_the_price_it_named() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let mut made = 0;
    for endpoint in stage.emulator.endpoints() {
        let model = videogen.models().get(endpoint).expect("the catalogue has it");
        let lengths = model.valid_durations();
        for seconds in [lengths.first(), lengths.last()].into_iter().flatten() {
            let named = format!("{endpoint} {seconds} s");
            let mut request = stage.request(400, 300).with_model(endpoint).with_duration_seconds(*seconds);
            if model.capabilities().needs_end_image {
                request.end_image = Some(request.image.clone());
            }
            let task = generate(&videogen, &request).await;
            assert_eq!(task.failure, None, "{named}");
            // At this pace the emulator saves pixels, and nothing else.
            let but_for_pixels = task.mismatches.iter().find(|mismatch| !mismatch.contains("pixels"));
            assert_eq!(but_for_pixels, None, "{named}");
            made += 1;
            let charges = stage.emulator.ledger().charges();
            assert_eq!(charges.len(), made, "{named}");
            let charged = charges.last().map(|charge| charge.amount_usd);
            assert_eq!(charged, task.estimate.upper_bound().map(videogen::Usd::dollars), "{named}");
            if task.billed.is_some() {
                assert_eq!(task.billed, task.estimate.upper_bound(), "{named}");
            }
            let film = Film::decode(&std::fs::read(&task.video.unwrap().location).unwrap());
            assert_eq!(film.frame_count, *seconds as usize * 24, "{named}");
        }
    }
    assert!(made >= 30, "{made} videos were made");
    assert_eq!(stage.emulator.uploads(), 1, "one picture is uploaded once");
}

#[tokio::test]
async fn the_video_has_the_aspect_ratio_that_was_asked_for() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    for ratio in ["16:9", "9:16", "1:1", "4:5"] {
        for fit in [Fit::Crop, Fit::Pad] {
            let request = stage.request(400, 300).with_aspect_ratio(ratio, fit);
            let task = generate(&videogen, &request).await;
            let film = Film::decode(&std::fs::read(&task.video.unwrap().location).unwrap());
            let (width, height) = film.first.dimensions();
            let asked: videogen::domain::AspectRatio = ratio.parse().unwrap();
            let error = f64::from(width) / f64::from(height) * f64::from(asked.height()) / f64::from(asked.width());
            assert!((error - 1.0).abs() < 0.02, "{ratio} by {fit:?} became {width}x{height}");
        }
    }
}

#[tokio::test]
async fn many_tasks_at_once_make_as_many_videos_and_no_more_bills() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let request = stage.request(320, 180).with_fresh(true);
    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.push(videogen.queue().submit(&request).await.unwrap());
    }
    for id in &ids {
        assert_eq!(settled(&videogen, id).await.status, TaskStatus::Completed);
    }
    assert_eq!(stage.emulator.ledger().charges().len(), ids.len());
    assert_eq!(stage.results().len(), 2 * ids.len(), "each has its video and its sidecar");
}

#[tokio::test]
async fn what_is_wrong_is_said_before_anything_is_sent() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let text = stage.path("text.png");
    std::fs::write(&text, "not a picture").unwrap();
    let wrong = [
        GenerationRequest::new(ImageInput::Path(stage.path("missing.png")), "slow zoom in"),
        GenerationRequest::new(ImageInput::Path(text), "slow zoom in"),
        stage.request(320, 180).with_model("kling_2"),
        stage.request(320, 180).with_duration_seconds(7),
        stage.request(320, 180).with_aspect_ratio("7:3", Fit::Crop),
        stage.request(320, 180).with_max_cost("0.27".parse().unwrap()),
    ];
    for request in wrong {
        let error = videogen.queue().submit(&request).await.unwrap_err();
        assert!(matches!(error, videogen::queue::Error::Invalid(_)), "{request:?}: {error}");
    }
    let unwritable = stage.request(320, 180).with_file_name("no/such/folder.mp4");
    let task = generate(&videogen, &unwritable).await;
    assert_eq!(task.failure.map(|failure| failure.kind), Some(videogen::FailureKind::Storage));
    assert_eq!(stage.emulator.requests().len(), 0);
    assert_eq!(stage.results(), ["text.png"; 0]);
}

#[tokio::test]
async fn a_picture_that_fal_has_forgotten_is_uploaded_anew_and_one_video_is_paid_for() {
    let stage = Stage::set().await;
    let request = stage.request(320, 180).with_fresh(true);
    let first = stage.videogen().await;
    assert_eq!(generate(&first, &request).await.upload_cached, Some(false));
    first.close().await;

    stage.emulator.faults().add(FaultRule::new(Fault::SourceExpired).times(1));
    let second = stage.videogen().await;
    let task = generate(&second, &request).await;
    assert_eq!((task.status, task.failure, task.upload_cached), (TaskStatus::Completed, None, Some(false)));
    assert_eq!(stage.emulator.uploads(), 2);
    let amounts: Vec<String> =
        stage.emulator.ledger().charges().iter().map(|charge| charge.amount_usd.normalize().to_string()).collect();
    assert_eq!(amounts, ["0.28", "0", "0.28"], "what was refused cost nothing");
}

#[tokio::test]
async fn another_model_is_asked_when_one_fails_and_only_the_one_with_a_video_is_billed() {
    let stage = Stage::set().await;
    stage.emulator.faults().add(FaultRule::new("failed".parse().unwrap()).endpoint("fal-ai/kling-video"));
    let videogen = stage.videogen().await;
    let request = stage.request(320, 320).with_model("kling_2.1").with_fallback_model("hailuo_02");
    let task = generate(&videogen, &request).await;
    assert_eq!((task.status, task.model_id.as_str(), task.failure), (TaskStatus::Completed, "hailuo_02", None));
    assert_eq!(task.billed.map(|billed| billed.to_string()), Some("$0.27".to_owned()));
    let ledger = stage.emulator.ledger();
    assert_eq!((ledger.charges().len(), ledger.total_usd().to_string()), (2, "0.27".to_owned()));
    assert_eq!(stage.emulator.uploads(), 1);
}

#[tokio::test]
async fn a_download_that_is_cut_at_any_tenth_goes_on_and_is_whole() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let request = stage.request(320, 180).with_fresh(true);
    let whole = generate(&videogen, &request).await.video.unwrap();
    let film = std::fs::read(&whole.location).unwrap();
    let faults = stage.emulator.faults();
    let cuts = (0..10).map(|tenth| (tenth, true)).chain([(3, false), (8, false)]);
    for (tenth, ranges) in cuts {
        let at = Some(film.len() as u64 * tenth / 10);
        faults.clear();
        faults.add(FaultRule::new(Fault::TruncatedDownload { at }).times(1));
        if !ranges {
            faults.add(FaultRule::new(Fault::RangeIgnored));
        }
        let task = generate(&videogen, &request).await;
        assert_eq!(task.failure, None, "cut at {tenth} tenths, ranges: {ranges}");
        let video = task.video.unwrap();
        assert_eq!((video.bytes, &video.content_hash), (whole.bytes, &whole.content_hash), "{tenth} {ranges}");
    }
    assert_eq!(stage.emulator.ledger().charges().len(), 13, "each video is paid for once");
}

#[tokio::test]
async fn a_caller_who_waits_no_longer_gets_the_task_and_the_video_is_made_all_the_same() {
    let stage = Stage::set().await;
    let request = stage.request(320, 180);
    let impatient = stage.variables().into_iter().chain([("VIDEO_GEN_GENERATION_TIMEOUT", "0.001".to_owned())]);
    let videogen = videogen(impatient.collect(), stage.folder.path()).await;
    let Err(videogen::queue::Error::StillRunning { id, .. }) = videogen.generate(&request).await else {
        panic!("no video is made within a millisecond");
    };
    assert_eq!(settled(&videogen, &id).await.status, TaskStatus::Completed);
    assert_eq!(stage.emulator.ledger().charges().len(), 1);

    let patient = stage.videogen().await;
    assert_eq!(patient.generate(&request).await.unwrap().status, TaskStatus::Completed);
    assert_eq!(stage.emulator.ledger().charges().len(), 1, "whoever asks again is given the video");
}

#[tokio::test]
async fn a_gateway_that_answers_in_place_of_a_result_is_no_proof_and_nobody_else_is_asked() {
    let stage = Stage::set().await;
    for fault in [Fault::GatewayJson503 { after_accept: false }, Fault::ServerError { after_accept: false }] {
        stage.emulator.faults().clear();
        stage.emulator.faults().add(FaultRule::new(fault.clone()).on(Operation::Result));
        let videogen = stage.videogen().await;
        let request = stage.request(320, 320).with_fallback_model("hailuo_02").with_fresh(true);
        let before = stage.emulator.ledger().charges().len();
        let id = videogen.queue().submit(&request).await.unwrap();
        let task = settled(&videogen, &id).await;
        assert!(task.is_held() && task.model_id == "kling_2.1", "{fault:?}: {:?}", task.failure);
        stage.emulator.faults().clear();
        videogen.queue().resume(&id).await.unwrap();
        assert_eq!(settled(&videogen, &id).await.status, TaskStatus::Completed, "{fault:?}: the paid video is fetched");
        assert_eq!(stage.emulator.ledger().charges().len() - before, 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_submit_that_may_have_arrived_asks_nobody_else() {
    for fault in [
        Fault::GatewayJson503 { after_accept: true },
        Fault::ServerError { after_accept: true },
        Fault::Nginx502 { after_accept: true },
        Fault::ReplyLost,
    ] {
        let stage = Stage::set().await;
        stage.emulator.faults().add(FaultRule::new(fault.clone()).on(Operation::Submit).endpoint("fal-ai/kling-video"));
        let videogen = stage.videogen().await;
        let request = stage.request(320, 320).with_model("kling_2.1").with_fallback_model("hailuo_02");
        let task = generate(&videogen, &request).await;
        assert!(task.is_held() && task.model_id == "kling_2.1", "{fault:?}: {:?}", task.failure);
        assert_eq!(stage.emulator.ledger().charges().len(), 1, "{fault:?}");
    }
}
