//! Bad requests: every mistake at once, in JSON, and nothing is sent.

use serde_json::json;

use crate::stage::{Stage, problem, request};

#[tokio::test]
async fn every_mistake_is_listed_and_nothing_is_sent() {
    let stage = Stage::set().await;
    let mut wrong = request();
    for (name, value) in [
        ("motion_prompt", json!("zoo")),
        ("duration", json!(7)),
        ("aspect_ratio", json!("7:3")),
        ("fit", json!("stretch")),
        ("parameters", json!({ "motion_strength": 0.5 })),
        ("max_cost_usd", json!("much")),
        ("webhook", json!("https://x")),
    ] {
        wrong[name] = value;
    }
    let (status, error) = problem(stage.caller.post("/v1/tasks", &wrong).await).await;
    assert_eq!((status, &error["kind"], &error["recovery"]), (422, &json!("invalid_request"), &json!("never")));
    let fields: Vec<_> =
        error["violations"].as_array().unwrap().iter().map(|violation| violation["field"].as_str().unwrap()).collect();
    let expected =
        ["fit", "max_cost_usd", "webhook", "motion_prompt", "duration", "parameters.motion_strength", "aspect_ratio"];
    assert_eq!(fields, expected);
    assert_eq!(error["violations"][0]["allowed"], json!(["crop", "pad", "none"]));
    assert_eq!(error["violations"][4]["suggestion"], "5");

    let mut dear = request();
    dear["max_cost_usd"] = json!(0.27);
    let (_, error) = problem(stage.caller.post("/v1/tasks", &dear).await).await;
    assert_eq!(error["violations"][0]["field"], "max_cost_usd");
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[tokio::test]
async fn an_unknown_task_path_or_method_is_told_in_json() {
    let stage = Stage::set().await;
    for (path, kind) in [
        ("/v1/tasks/nobody", "unknown_task"),
        ("/v1/tasks/nobody/video", "unknown_task"),
        ("/v1/tasks/%FF", "not_found"),
        ("/v1/nothing", "not_found"),
        ("/", "not_found"),
    ] {
        let (status, error) = problem(stage.caller.get(path).await).await;
        assert_eq!((status, &error["kind"]), (404, &json!(kind)), "{path}");
    }
    let (status, error) = problem(stage.caller.get("/v1/estimates").await).await;
    assert_eq!((status, &error["kind"]), (405, &json!("method_not_allowed")));
}

#[tokio::test]
async fn a_failure_says_what_to_do_and_shows_no_key() {
    let stage = Stage::set().await;
    std::fs::remove_dir(stage.path("videos")).unwrap();
    let created = stage.caller.create(&request()).await;
    let failed = stage.caller.settled(&created).await;
    assert_eq!((&failed["status"], &failed["error"]["kind"]), (&json!("failed"), &json!("storage")));
    assert!(failed["error"]["advice"].as_str().unwrap().starts_with("Make the folder"), "{failed}");
    assert!(!failed.to_string().contains("s3cr3t"));
    assert_eq!(stage.emulator.ledger().charges().len(), 0, "it would have been paid for in vain");
}
