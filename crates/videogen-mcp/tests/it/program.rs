//! The program itself: standard input and output are the protocol's, standard error is for people.

use std::process::Stdio;

use fal_emulator::{Emulator, Pace};
use rmcp::ServiceExt;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use videogen_tests::film::Film;

use crate::stage::{PATIENCE, Stage, generate, good, request, until, variables};

fn program(emulator: &Emulator, stage: &Stage, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_videogen-mcp"))
        .args(arguments)
        .current_dir(stage.folder.path())
        .env_clear()
        .envs(variables(emulator, &stage.folder))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program starts")
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

#[tokio::test]
async fn it_makes_a_video_and_ends_with_its_input() {
    let stage = Stage::set().await;
    let mut program = program(&stage.emulator, &stage, &["--allow", "pictures", "--output", "videos"]);
    let pipes = (program.stdout.take().unwrap(), program.stdin.take().unwrap());
    let client = ().serve(pipes).await.expect("a session begins");
    let task = generate(&client, "still.png").await;
    let file = task["video"]["file"].as_str().unwrap();
    assert!(std::path::Path::new(file).starts_with(stage.path("videos").canonicalize().unwrap()), "{file}");
    assert_eq!(Film::decode(&std::fs::read(file).unwrap()).frame_count, 120);
    client.cancel().await.unwrap();
    assert_eq!(ended(program).await, (true, String::new()), "there was nothing to tell");
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

#[tokio::test]
async fn at_the_end_it_names_what_is_paid_and_not_fetched() {
    let stage = Stage::at_pace(Pace::Realistic).await;
    let mut program = program(&stage.emulator, &stage, &["--allow", "pictures"]);
    let pipes = (program.stdout.take().unwrap(), program.stdin.take().unwrap());
    let client = ().serve(pipes).await.expect("a session begins");
    let mut arguments = request("still.png");
    arguments["return_queue_id"] = json!(true);
    let task = good(&client, "generate_video_from_image", arguments).await;
    let accepted = until(&client, task["task_id"].as_str().unwrap(), |task| task["request_id"].is_string()).await;
    client.cancel().await.unwrap();
    let (success, told) = ended(program).await;
    let resume = format!("videogen resume {} --model kling_2.1", accepted["request_id"].as_str().unwrap());
    assert!(success && told.contains(&resume), "{told}");
    assert!(!told.contains("s3cr3t") && !told.contains("lighthouse"), "{told}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told_before_anything_begins() {
    let stage = Stage::set().await;
    let (success, told) = ended(program(&stage.emulator, &stage, &["--allow", "nowhere"])).await;
    assert!(!success);
    assert!(told.starts_with("the folder nowhere cannot be used: "), "{told}");
}
