//! The front page's command, and what a program sees of it.

use fal_emulator::{Fault, FaultRule};
use serde_json::Value;
use videogen_tests::film::Film;

use crate::program::{PROMPT, Stage, run};

#[tokio::test]
async fn without_a_key_it_says_so_and_makes_a_video_at_no_cost() {
    let stage = Stage::set().await;
    let run = run(stage.program_without_key(&["generate", "still.png", PROMPT, "-o", "lighthouse.mp4"])).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines[0], "FAL_KEY is not set: running against the built-in emulator, at no cost.");
    for stage in ["Uploading the picture", "Accepted as request", "Waiting in fal's queue", "Downloading the video"] {
        assert!(run.stderr.contains(stage), "{stage}: {}", run.stderr);
    }
    for fact in ["lighthouse.mp4", "5 s", "$0.28 estimated, $0.28 billed", "nothing was charged", "Request "] {
        assert!(run.stdout.contains(fact), "{fact}: {}", run.stdout);
    }
    let film = Film::decode(&std::fs::read(stage.path("lighthouse.mp4")).unwrap());
    assert_eq!((film.frame_count, film.first.dimensions()), (120, (1280, 720)));
}

#[tokio::test]
async fn the_second_run_uploads_nothing_and_loses_no_file() {
    let stage = Stage::set().await;
    std::fs::write(stage.path("out.mp4"), "something of the user's").unwrap();
    let arguments = ["generate", "still.png", PROMPT, "-o", "out.mp4", "--json"];
    let first = stage.run(&arguments).await.json();
    assert_eq!((first["upload_cached"].as_bool(), first["replaced"].as_str()), (Some(false), Some("out-1.mp4")));
    let second =
        stage.run(&["generate", "still.png", "pan left along the coast", "-o", "out.mp4", "--json"]).await.json();
    assert_eq!((second["upload_cached"].as_bool(), second["replaced"].as_str()), (Some(true), Some("out-2.mp4")));
    assert_eq!(stage.emulator.uploads(), 1);
    assert_eq!(std::fs::read_to_string(stage.path("out-1.mp4")).unwrap(), "something of the user's");
    assert_eq!(stage.results(), ["out-1.mp4", "out-2.mp4", "out-2.mp4.json", "out.mp4", "out.mp4.json"]);
    let sidecar = |name: &str| -> Value { serde_json::from_slice(&std::fs::read(stage.path(name)).unwrap()).unwrap() };
    assert_eq!(sidecar("out-2.mp4.json")["request_id"], first["request_id"], "a sidecar goes with its video");
    assert_eq!(sidecar("out.mp4.json")["request_id"], second["request_id"]);
}

#[tokio::test]
async fn json_is_one_object_with_every_documented_field() {
    let stage = Stage::set().await;
    let arguments = [
        "generate",
        "still.png",
        PROMPT,
        "-m",
        "hailuo_02",
        "-d",
        "10",
        "-p",
        "resolution=512P",
        "-a",
        "1:1",
        "--json",
    ];
    let run = stage.run(&arguments).await;
    assert_eq!((run.code, run.stdout.lines().count()), (Some(0), 1), "{run:?}");
    let object = run.json();
    let id = object["request_id"].as_str().unwrap();
    assert_eq!(object["status"], "completed");
    assert_eq!(object["file"].as_str(), Some(format!("{id}.mp4").as_str()));
    assert_eq!(object["sidecar"].as_str(), Some(format!("{id}.mp4.json").as_str()));
    assert_eq!(object["bytes"].as_u64(), Some(std::fs::metadata(stage.path(&format!("{id}.mp4"))).unwrap().len()));
    assert_eq!((&object["model"], &object["provider"]), (&"hailuo_02".into(), &"elsewhere".into()));
    assert_eq!((&object["estimate_usd"], &object["billed_usd"]), (&"0.17".into(), &"0.17".into()));
    assert_eq!(object["duration_seconds"], 10);
    assert!(object["elapsed_seconds"].as_f64().unwrap() > 0.0);
    stage.emulator.ledger().assert_charged_once(id);
    let film = Film::decode(&std::fs::read(stage.path(&format!("{id}.mp4"))).unwrap());
    assert_eq!((film.frame_count, film.first.width()), (240, film.first.height()));
}

#[tokio::test]
async fn last_frame_size_and_sound_are_asked_for_and_doubts_are_told_beforehand() {
    let stage = Stage::set().await;
    let arguments = [
        "generate",
        "still.png",
        PROMPT,
        "-m",
        "veo_3.1_first_last",
        "--end-image",
        "still.png",
        "-d",
        "4",
        "-r",
        "1080P",
        "--audio",
        "off",
        "--unchecked-param",
        "mood=calm",
        "-o",
        "out.mp4",
        "--json",
    ];
    let run = stage.run(&arguments).await;
    assert!(run.stderr.contains("Note: mood sent unchecked; this may change the price."), "{}", run.stderr);
    assert_eq!(run.json()["estimate_usd"], "0.8");
    let sidecar: Value = serde_json::from_slice(&std::fs::read(stage.path("out.mp4.json")).unwrap()).unwrap();
    let input = &sidecar["input"];
    assert_eq!((&input["resolution"], &input["generate_audio"]), (&"1080p".into(), &false.into()));
    assert_eq!((&input["mood"], &sidecar["end_image_sha256"]), (&"calm".into(), &sidecar["image_sha256"]));
    assert_eq!(stage.emulator.uploads(), 1, "one picture is uploaded once");
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

#[tokio::test]
async fn a_video_that_is_billed_and_not_as_asked_is_kept_and_told() {
    let stage = Stage::set().await;
    stage.emulator.faults().add(FaultRule::new(Fault::WrongLength { seconds: 1 }));
    let run = stage.run(&["generate", "still.png", PROMPT, "-o", "out.mp4"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stdout.contains("Not asked  it is 1.0 s long and not 5 s; it was billed, and is kept"),
        "{}",
        run.stdout
    );
    let sidecar: Value = serde_json::from_slice(&std::fs::read(stage.path("out.mp4.json")).unwrap()).unwrap();
    assert_eq!(
        (&sidecar["video_duration_ms"], &sidecar["mismatches"][0]),
        (&1000.into(), &"it is 1.0 s long and not 5 s".into())
    );
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

#[tokio::test]
async fn what_was_made_before_is_given_again_and_a_fresh_one_is_paid_for() {
    let stage = Stage::set().await;
    let first = stage.run(&["generate", "still.png", PROMPT, "-o", "first.mp4", "--json"]).await.json();
    let again = stage.run(&["generate", "still.png", PROMPT, "-o", "again.mp4"]).await;
    assert_eq!(again.code, Some(0), "{again:?}");
    let request_id = first["request_id"].as_str().unwrap();
    let cost =
        format!("Cost       none: the same was made before, by the request {request_id} (--fresh makes a new one)");
    assert!(again.stdout.contains(&cost), "{}", again.stdout);
    assert_eq!(std::fs::read(stage.path("again.mp4")).unwrap(), std::fs::read(stage.path("first.mp4")).unwrap());
    let again = stage.run(&["generate", "still.png", PROMPT, "-o", "again.mp4", "--json"]).await.json();
    assert_eq!((&again["status"], &again["billed_usd"]), (&"completed".into(), &"0".into()));
    assert_eq!((&again["reused_request_id"], &again["request_id"]), (&first["request_id"], &Value::Null));
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
    let fresh = stage.run(&["generate", "still.png", PROMPT, "-o", "again.mp4", "--fresh", "--json"]).await.json();
    assert_eq!((&fresh["status"], &fresh["reused_request_id"]), (&"completed".into(), &Value::Null));
    assert_eq!(stage.emulator.ledger().charges().len(), 2);
}
