//! Ctrl-C leaves nothing broken, and the command that it prints brings the video.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use crate::program::{PROMPT, Run, Stage, run};

/// Starts the program and interrupts it when it has said `line`.
fn interrupted_after(mut command: Command, line: &str) -> Run {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("is piped"));
    let mut said = String::new();
    read_until(&mut stderr, &mut said, line);
    interrupt(&child);
    stderr.read_to_string(&mut said).expect("is text");
    let output = child.wait_with_output().expect("it ends");
    Run { code: output.status.code(), stdout: String::from_utf8(output.stdout).expect("is text"), stderr: said }
}

fn interrupt(child: &Child) {
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("there is a kill");
    assert!(killed.success());
}

/// Reads on until the program has said `line`.
fn read_until(stderr: &mut impl BufRead, said: &mut String, line: &str) {
    while !said.contains(line) {
        assert_ne!(stderr.read_line(said).expect("is text"), 0, "it ended before it said {line:?}: {said}");
    }
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

#[tokio::test(flavor = "multi_thread")]
async fn a_second_ctrl_c_in_the_middle_of_a_submit_says_that_its_outcome_is_unknown() {
    let stage = Stage::set().await;
    // Takes the submit and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let mut command = stage.program(&["generate", "still.png", PROMPT, "-o", "out.mp4"]);
    command.env("VIDEO_GEN_FAL_QUEUE_URL", format!("http://{}/queue", silent.local_addr().expect("is bound")));
    let ended = tokio::task::block_in_place(|| {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let (mut submit, _) = silent.accept().expect("the program connects");
        submit.read_exact(&mut [0; 4]).expect("the submit arrives");
        let mut stderr = BufReader::new(child.stderr.take().expect("is piped"));
        let mut said = String::new();
        interrupt(&child);
        read_until(&mut stderr, &mut said, "Stopping. Press Ctrl-C again to end at once.");
        interrupt(&child);
        stderr.read_to_string(&mut said).expect("is text");
        (child.wait().expect("it ends").code(), said)
    });
    assert_eq!(ended.0, Some(7), "{}", ended.1);
    assert!(ended.1.contains("it is not known whether fal accepted the request"), "{}", ended.1);
    assert_eq!(stage.results().len(), 0);
}
