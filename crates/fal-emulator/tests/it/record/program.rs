//! The subcommands of the program.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::json;

use crate::client::{Caller, KLING, fast};
use crate::program::{Running, program};

/// Starts the program and gives the URL of the queue that it prints.
fn start(arguments: &[&str]) -> (Running, String) {
    let mut child =
        Running(program().args(arguments).args(["--port", "0"]).stdout(Stdio::piped()).spawn().expect("starts"));
    let lines = BufReader::new(child.0.stdout.take().expect("is piped")).lines().take(5);
    let lines: Vec<String> = lines.collect::<Result<_, _>>().expect("are read");
    let url = lines[0].strip_prefix("export VIDEO_GEN_FAL_QUEUE_URL=").expect("is the queue").to_owned();
    (child, url)
}

#[tokio::test]
async fn what_the_program_records_it_replays() {
    let folder = tempfile::tempdir().expect("is made");
    let folder = folder.path().to_str().expect("is text");
    let emulator = fast().await;
    let (caller, input) = (Caller::new(), json!({ "prompt": "zoom in" }));
    let (recorder, queue) = start(&["record", "--folder", folder, "--upstream-queue", &emulator.urls().queue]);
    let recorded = caller.post(&format!("{queue}/{KLING}"), &input).await;
    assert_eq!(recorded.status(), 200);
    let recorded = recorded.text().await.expect("arrives").replace(&queue, "…");
    drop((recorder, emulator));
    let (_replay, queue) = start(&["replay", "--folder", folder, "--fast"]);
    let replayed = caller.post(&format!("{queue}/{KLING}"), &input).await.text().await.expect("arrives");
    assert_eq!(replayed.replace(&queue, "…"), recorded);
}

#[test]
fn a_folder_that_cannot_be_replayed_is_told() {
    let folder = tempfile::tempdir().expect("is made");
    let output = program().args(["replay", "--folder"]).arg(folder.path()).output().expect("runs");
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no exchange is recorded"));
}
