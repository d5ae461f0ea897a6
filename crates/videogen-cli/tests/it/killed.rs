//! `kill -9` is a way to end the program: what is paid for is fetched, and paid once.
#![cfg(unix)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fal_emulator::{Fault, FaultRule, Operation};
use serde_json::Value;

use crate::program::{PROMPT, Run, Stage, run};

/// How many moments of a run the program is killed at, evenly over the time that it takes.
const MOMENTS: u32 = 20;
const GENERATE: [&str; 5] = ["generate", "still.png", PROMPT, "-o", "out.mp4"];

#[expect(clippy::disallowed_methods, reason = "a moment to kill at is one of the machine's own clock")]
fn now() -> Instant {
    Instant::now()
}

/// Runs the program and kills it after this time, unless it has ended.
async fn killed_after(mut command: Command, time: Duration) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    tokio::time::sleep(time).await;
    child.kill().expect("it is ours to kill");
    tokio::task::spawn_blocking(move || child.wait()).await.expect("does not panic").expect("it ends");
}

/// What is told, an object to a line.
fn objects(run: &Run) -> Vec<Value> {
    run.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {run:?}")))
        .collect()
}

/// Finds out, as a person would, what became of a submit that nobody knows the answer of.
async fn find_out(stage: &Stage, task: &Value) {
    let task_id = task["task_id"].as_str().unwrap();
    let ledger = stage.emulator.ledger();
    let found = match ledger.charges().first() {
        Some(charge) => stage.run(&["resume", &charge.request_id, "--task", task_id]).await,
        None => {
            let discarded = stage.run(&["discard", task_id]).await;
            assert_eq!(discarded.code, Some(0), "{discarded:?}");
            stage.run(&GENERATE).await
        }
    };
    assert_eq!(found.code, Some(0), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_killed_at_any_moment_has_paid_once_and_lost_nothing() {
    let stage = Stage::set().await;
    let began = now();
    assert_eq!(stage.run(&GENERATE).await.code, Some(0));
    let whole = began.elapsed();
    let film = std::fs::read(stage.path("out.mp4")).unwrap();
    let mut unclear = 0;
    for moment in 1..=MOMENTS {
        let stage = Stage::set().await;
        killed_after(stage.program(&GENERATE), whole * moment / MOMENTS).await;

        let recovered = stage.run(&["recover", "--json"]).await;
        for task in objects(&recovered) {
            match task["status"].as_str() {
                Some("completed") => {}
                Some("held") if task["error"]["kind"] == "unconfirmed" => {
                    unclear += 1;
                    // Whoever asks again is told the same, and nothing is sent.
                    let again = stage.run(&[&GENERATE[..], &["--json"]].concat()).await;
                    assert_eq!((again.code, &again.json()["task_id"]), (Some(7), &task["task_id"]), "{again:?}");
                    find_out(&stage, &task).await;
                }
                _ => panic!("moment {moment}: {task}"),
            }
        }
        let again = stage.run(&GENERATE).await;
        assert_eq!(again.code, Some(0), "moment {moment}: {again:?}");
        assert_eq!(stage.emulator.ledger().charges().len(), 1, "moment {moment}: {recovered:?}");
        assert_eq!(std::fs::read(stage.path("out.mp4")).unwrap(), film, "moment {moment}");
        let left = stage.run(&["recover"]).await;
        assert_eq!((left.code, left.stderr.as_str()), (Some(0), "Nothing is left to go on with.\n"), "moment {moment}");
    }
    assert!(unclear < MOMENTS / 2, "{unclear} submits are unclear: a window of the time is one submit wide");
}

/// In the middle of a submit: fal has accepted it, or has not, and the answer does not come.
#[tokio::test(flavor = "multi_thread")]
async fn a_submit_that_it_was_killed_in_is_not_sent_again_until_somebody_has_found_out() {
    for is_accepted in [true, false] {
        let stage = Stage::set().await;
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let same = |arguments: &[&str]| {
            let mut command = stage.program(arguments);
            if !is_accepted {
                command.env("VIDEO_GEN_FAL_QUEUE_URL", format!("http://{}/queue", silent.local_addr().unwrap()));
            }
            command
        };
        stage.emulator.faults().add(FaultRule::new(Fault::StalledBody).on(Operation::Submit).times(1));
        let mut child =
            same(&GENERATE).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        if is_accepted {
            while stage.emulator.ledger().charges().is_empty() {
                tokio::task::yield_now().await;
            }
        } else {
            // Of a connection the first bytes: the submit is on its way.
            let (mut submit, _) = tokio::task::block_in_place(|| silent.accept()).expect("it connects");
            tokio::task::block_in_place(|| std::io::Read::read_exact(&mut submit, &mut [0; 4])).expect("it sends");
        }
        child.kill().expect("it is ours to kill");
        child.wait().expect("it ends");

        let recovered = stage.run(&["recover"]).await;
        assert_eq!(recovered.code, Some(7), "{recovered:?}");
        let again = run(same(&[&GENERATE[..], &["--json"]].concat())).await;
        assert_eq!(again.code, Some(7), "{again:?}");
        let task = again.json();
        let task_id = task["task_id"].as_str().unwrap();
        for command in [format!("resume REQUEST_ID --task {task_id}"), format!("discard {task_id}")] {
            assert!(recovered.stderr.contains(&command), "{command}: {recovered:?}");
        }
        assert_eq!(stage.emulator.ledger().charges().len(), usize::from(is_accepted));
        stage.emulator.faults().clear();
        find_out(&stage, &task).await;
        assert_eq!(stage.emulator.ledger().charges().len(), 1);
        assert_eq!(stage.results(), ["out.mp4", "out.mp4.json"]);
        let asked_again = stage.run(&GENERATE).await;
        assert!(asked_again.stdout.contains("Cost       none"), "{asked_again:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_before_it_was_killed_is_fetched_by_whoever_asks_again_or_recovers() {
    for recovers in [true, false] {
        let stage = Stage::lifelike().await;
        let mut child = stage.program(&GENERATE).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut said = std::io::BufReader::new(child.stderr.take().expect("is piped"));
        tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            while !line.contains("Accepted as request") {
                line.clear();
                assert_ne!(std::io::BufRead::read_line(&mut said, &mut line).expect("is text"), 0, "it ended before");
            }
            child.kill().expect("it is ours to kill");
            child.wait().expect("it ends")
        })
        .await
        .expect("does not panic");
        let charged = stage.emulator.ledger().charges();
        let done = match recovers {
            true => stage.run(&["recover"]).await,
            false => stage.run(&GENERATE).await,
        };
        assert_eq!(done.code, Some(0), "{done:?}");
        let note = "1 task of a program that has ended can go on: `videogen recover`.";
        assert_eq!(done.stderr.contains(note), !recovers, "{done:?}");
        assert!(done.stdout.contains(&charged[0].request_id), "the same request: {done:?}");
        assert_eq!(stage.emulator.ledger().charges().len(), 1);
        assert_eq!(stage.results(), ["out.mp4", "out.mp4.json"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_terminal_joins_what_the_first_is_making() {
    let stage = Stage::lifelike().await;
    let (first, second) = tokio::join!(stage.run(&GENERATE), async {
        // Once the first has sent it.
        while stage.emulator.ledger().charges().is_empty() {
            tokio::task::yield_now().await;
        }
        stage.run(&GENERATE).await
    });
    assert_eq!((first.code, second.code), (Some(0), Some(0)), "{first:?} {second:?}");
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
    let request = |run: &Run| run.stdout.lines().find(|line| line.starts_with("Request ")).map(str::to_owned);
    assert!(request(&first).is_some() && request(&first) == request(&second), "{first:?} {second:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_listed_with_what_became_of_them() {
    let stage = Stage::set().await;
    let none = stage.run(&["tasks"]).await;
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), "There are no such tasks.\n"));
    assert_eq!(stage.run(&GENERATE).await.code, Some(0));
    stage.emulator.faults().add(FaultRule::new(Fault::ReplyLost).on(Operation::Submit).times(1));
    let unclear = stage.run(&["generate", "still.png", PROMPT, "-o", "b.mp4", "--fresh", "--json"]).await.json();

    let lines = stage.run(&["tasks"]).await.stdout;
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("held") && lines[0].contains("$0.28 estimated"), "the newest first: {lines:?}");
    assert!(lines[1].contains("completed") && lines[1].ends_with("out.mp4"), "{lines:?}");
    let listed = stage.run(&["tasks", "--unfinished", "--json"]).await.json();
    assert_eq!((listed.as_array().map(Vec::len), &listed[0]["task_id"]), (Some(1), &unclear["task_id"]));
    assert_eq!(listed[0]["error"]["kind"], "unconfirmed");
    let older = stage.run(&["tasks", "--before", unclear["task_id"].as_str().unwrap(), "--json"]).await.json();
    assert_eq!((older.as_array().map(Vec::len), &older[0]["file"]), (Some(1), &"out.mp4".into()));
}
