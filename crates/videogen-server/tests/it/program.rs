//! The program itself: it starts, listens, makes a video and ends.

use std::process::Stdio;

use fal_emulator::Pace;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::stage::{Caller, PATIENCE, Stage, request, variables};

fn program(stage: &Stage, arguments: &[&str]) -> Child {
    command(stage, arguments).spawn().expect("the program starts")
}

fn command(stage: &Stage, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_videogen-server"));
    command
        .args(arguments)
        .current_dir(stage.folder.path())
        .env_clear()
        .envs(variables(&stage.emulator, &stage.folder))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn ended(mut program: Child) -> (bool, String) {
    let mut told = String::new();
    let mut errors = program.stderr.take().unwrap();
    let ending = async {
        errors.read_to_string(&mut told).await.unwrap();
        program.wait().await.unwrap()
    };
    let status = tokio::time::timeout(PATIENCE, ending).await.expect("the program ends");
    (status.success(), told)
}

/// Asks it to end as Ctrl-C or a service manager does.
#[cfg(unix)]
async fn ask_to_end(program: &Child, signal: &str) {
    let id = program.id().expect("it is running").to_string();
    let asked = Command::new("kill").args([signal, &id]).status().await.expect("there is a kill");
    assert!(asked.success());
}

#[cfg(unix)]
#[tokio::test]
async fn it_makes_a_video_and_at_the_end_names_what_is_paid_and_not_fetched() {
    let stage = Stage::at_pace(Pace::Realistic).await;
    let mut fresh = request();
    fresh["fresh"] = true.into();
    for signal in ["-INT", "-TERM"] {
        let mut program = program(&stage, &["--listen", "127.0.0.1:0", "--output", "videos"]);
        let mut lines = BufReader::new(program.stderr.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).await.unwrap();
        let address = line.trim().strip_prefix("Listening on http://").expect("says where").parse().unwrap();
        let caller = Caller::of(address);
        let done = caller.settled(&caller.create(&fresh).await).await;
        assert_eq!(done["status"], "completed");

        let created = caller.create(&fresh).await;
        let accepted = caller.until(&created, |task| task["request_id"].is_string()).await;
        ask_to_end(&program, signal).await;
        let mut told = String::new();
        tokio::time::timeout(PATIENCE, lines.read_to_string(&mut told)).await.unwrap().unwrap();
        assert!(program.wait().await.unwrap().success(), "{signal}: {told}");
        let resume = format!("videogen resume {} --model kling_2.1", accepted["request_id"].as_str().unwrap());
        assert!(told.contains(&resume), "{signal}: {told}");
        let goes_on = told.contains("Tasks of a program that has ended go on: 1.");
        assert_eq!(goes_on, signal == "-TERM", "the one that the first has left: {told}");
        assert!(!told.contains("s3cr3t") && !told.contains("lighthouse"), "{told}");
    }
}

#[tokio::test]
async fn what_keeps_it_from_starting_is_told_with_what_to_do() {
    let stage = Stage::set().await;
    std::fs::write(stage.path("short"), "short\n").unwrap();
    for (arguments, message) in [
        (["--listen", "0.0.0.0:0"], "there is no token"),
        (["--token-file", "short"], "the token has 5 characters and needs at least 16"),
        (["--token-file", "missing"], "the token in missing cannot be read"),
        (["--allow", "nowhere"], "the folder nowhere cannot be used"),
        (["--output", "nowhere"], "the folder nowhere cannot be used"),
    ] {
        let (success, told) = ended(program(&stage, &arguments)).await;
        assert!(!success && told.contains(message) && told.lines().count() == 2, "{arguments:?}: {told}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn its_logs_are_json_with_their_trace_and_its_metrics_are_for_whoever_has_the_token() {
    let stage = Stage::set().await;
    std::fs::write(stage.path("token"), "sixteen-characters\n").unwrap();
    let arguments = ["--listen", "127.0.0.1:0", "--token-file", "token", "--log-format", "json"];
    let mut program = command(&stage, &arguments).env("VIDEO_GEN_LOG", "videogen=debug").spawn().unwrap();
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next_line().await.unwrap().expect("says where");
        if let Some(address) = line.strip_prefix("Listening on http://") {
            break address.parse().unwrap();
        }
    };
    let caller = Caller::of(address);
    let asked = |request: reqwest::RequestBuilder| request.bearer_auth("sixteen-characters").send();
    assert_eq!(caller.get("/metrics").await.status(), 401);

    asked(caller.http.post(caller.url("/v1/tasks")).json(&request())).await.unwrap().error_for_status().unwrap();
    let metrics = async {
        loop {
            let text = asked(caller.http.get(caller.url("/metrics"))).await.unwrap().text().await.unwrap();
            if text.contains("video_generation_total") {
                return text;
            }
        }
    };
    let text = tokio::time::timeout(PATIENCE, metrics).await.expect("the video is made");
    let line = |name| text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}: {text}"));
    assert!(
        line("video_generation_total{").contains("status=\"success\"")
            && line("video_generation_total{").ends_with(" 1")
    );
    assert!(line("video_generation_cost_billed_usd_total").ends_with(" 0.28"), "{text}");
    line("video_generation_duration_seconds_bucket");

    ask_to_end(&program, "-TERM").await;
    let mut traces = std::collections::BTreeSet::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        assert!(!line.contains("s3cr3t") && !line.contains("lighthouse"), "{line}");
        let log: serde_json::Value = serde_json::from_str(&line).expect("is JSON");
        if log["event"] == "settled" {
            assert_eq!(log["span_id"].as_str().map(str::len), Some(16), "{line}");
            traces.insert(log["trace_id"].as_str().unwrap().to_owned());
        }
    }
    assert!(program.wait().await.unwrap().success());
    assert_eq!(traces.len(), 1);
}
