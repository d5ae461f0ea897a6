//! `generation.timeout`: the program waits no longer, and nothing is lost or paid twice.

use std::time::Duration;

use fal_emulator::Emulator;

use crate::program::{PROMPT, Stage, run};

/// Longer than the program waits, and long enough for it to have submitted on a busy machine.
const SLOW: Duration = Duration::from_secs(6);
const PATIENCE: &str = "3";

#[tokio::test]
async fn a_request_that_takes_longer_than_the_time_is_picked_up_without_another_bill() {
    let stage = Stage::with(Emulator::builder().inference_time(SLOW)).await;
    let mut command = stage.program(&["generate", "still.png", PROMPT, "-o", "out.mp4", "--json"]);
    command.env("VIDEO_GEN_GENERATION_TIMEOUT", PATIENCE);
    let late = run(command).await;
    assert_eq!(late.code, Some(8), "{late:?}");
    let told = late.json();
    let kind = (&told["status"], &told["error"]["kind"], &told["error"]["recovery"]);
    assert_eq!(kind, (&"held".into(), &"timed_out".into(), &"later".into()));
    let id = told["request_id"].as_str().unwrap();
    let resume = told["resume"].as_str().unwrap();
    assert!(resume.ends_with(&format!("resume {id} --model kling_2.1 --output out.mp4")), "{resume}");
    assert_eq!(stage.results().len(), 0);

    let mut command = stage.program(&resume.split_whitespace().skip(1).collect::<Vec<_>>());
    command.env("VIDEO_GEN_GENERATION_TIMEOUT", "0.001");
    let resumed = run(command).await;
    assert_eq!(resumed.code, Some(0), "whoever picks it up waits as long as it takes: {resumed:?}");
    assert_eq!(
        (stage.results(), stage.emulator.ledger().charges().len()),
        (vec!["out.mp4".into(), "out.mp4.json".into()], 1)
    );
}

#[tokio::test]
async fn a_person_is_told_what_goes_on_and_how_to_fetch_it() {
    let stage = Stage::with(Emulator::builder().inference_time(SLOW)).await;
    std::fs::write(stage.path("videogen.toml"), format!("[generation]\ntimeout = {PATIENCE}\n")).unwrap();
    let late = stage.run(&["generate", "still.png", PROMPT, "-o", "out.mp4"]).await;
    assert_eq!((late.code, late.stdout.as_str()), (Some(8), ""), "{late:?}");
    let lines: Vec<&str> = late.stderr.lines().rev().take(3).collect();
    assert!(lines[0].contains(" resume ") && lines[0].ends_with("--output out.mp4"), "{late:?}");
    assert!(lines[1].contains("is accepted and goes on. Pick it up again, at no further cost"), "{late:?}");
    assert_eq!(lines[2], "It is not done after 3 s.");
}
