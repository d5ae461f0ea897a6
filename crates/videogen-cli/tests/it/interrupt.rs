//! Ctrl-C leaves nothing broken, and the command that it prints brings the video.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::program::{PROMPT, Run, Stage, run};

/// Starts the program and interrupts it when it has said `line`.
fn interrupted_after(mut command: Command, line: &str) -> Run {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("is piped"));
    let mut said = String::new();
    while !said.contains(line) {
        assert_ne!(stderr.read_line(&mut said).expect("is text"), 0, "it ended before it said {line:?}: {said}");
    }
    interrupt(&child);
    stderr.read_to_string(&mut said).expect("is text");
    let output = child.wait_with_output().expect("it ends");
    Run { code: output.status.code(), stdout: String::from_utf8(output.stdout).expect("is text"), stderr: said }
}

fn interrupt(child: &Child) {
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("there is a kill");
    assert!(killed.success());
}

/// Runs the command that the program printed, as a shell would.
async fn run_printed(stage: &Stage, line: &str, with_key: bool) -> Run {
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[0], env!("CARGO_BIN_EXE_videogen"));
    let command = if with_key { stage.program(&words[1..]) } else { stage.program_without_key(&words[1..]) };
    run(command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_accepted_is_picked_up_without_another_bill() {
    let stage = Stage::lifelike().await;
    let arguments = ["generate", "still.png", PROMPT, "-d", "10", "-o", "out.mp4"];
    let stopped = tokio::task::block_in_place(|| interrupted_after(stage.program(&arguments), "Accepted as request"));
    assert_eq!((stopped.code, stopped.stdout.as_str()), (Some(130), ""), "{stopped:?}");
    assert!(stopped.stderr.contains("is accepted and goes on. Pick it up again, at no further cost"), "{stopped:?}");
    assert_eq!(stage.results().len(), 0);

    let printed = stopped.stderr.lines().last().unwrap();
    let resumed = run_printed(&stage, printed, true).await;
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
    assert_eq!(stage.results(), ["out.mp4", "out.mp4.json"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_emulator_keeps_a_request_for_the_next_run() {
    let stage = Stage::lifelike().await;
    let arguments = ["generate", "still.png", PROMPT, "-o", "out.mp4"];
    let command = stage.program_without_key(&arguments);
    let stopped = tokio::task::block_in_place(|| interrupted_after(command, "Waiting in fal's queue"));
    assert_eq!(stopped.code, Some(130), "{stopped:?}");
    let resumed = run_printed(&stage, stopped.stderr.lines().last().unwrap(), false).await;
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert_eq!(stage.results(), ["out.mp4", "out.mp4.json"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_tells_how_to_go_on() {
    let stage = Stage::lifelike().await;
    let arguments = ["generate", "still.png", PROMPT, "-d", "10", "-o", "my film.mp4", "--json"];
    let stopped = tokio::task::block_in_place(|| interrupted_after(stage.program(&arguments), "Accepted as request"));
    let object = stopped.json();
    assert_eq!((object["status"].as_str(), object["error"]["kind"].as_str()), (Some("held"), Some("stopped")));
    let id = object["request_id"].as_str().unwrap();
    let resume = object["resume"].as_str().unwrap();
    assert!(resume.ends_with(&format!("resume {id} --model kling_2.1 --output 'my film.mp4'")), "{resume}");
}
