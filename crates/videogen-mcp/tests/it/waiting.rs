//! Long work: a handle instead of a time-out, and the task goes on whatever the client does.

use std::time::Duration;

use fal_emulator::Pace;
use serde_json::json;

use crate::stage::{PATIENCE, Stage, call, generate, good, request, until};

#[tokio::test]
async fn a_handle_is_returned_at_once_and_leads_to_the_video() {
    let stage = Stage::at_pace(Pace::Realistic).await;
    let (client, _serving) = stage.client().await;
    let mut arguments = request("still.png");
    arguments["return_queue_id"] = json!(true);
    let task = good(&client, "generate_video_from_image", arguments).await;
    assert_eq!(task["status"], "queued");
    let task_id = task["task_id"].as_str().unwrap();
    let next_step = task["next_step"].as_str().unwrap();
    assert!(next_step.contains(task_id) && next_step.contains("Do not call generate_video_from_image again"));

    let accepted = until(&client, task_id, |task| task["request_id"].is_string()).await;
    let done = until(&client, task_id, |task| task["status"] == "completed").await;
    assert_eq!((&done["request_id"], &done["next_step"]), (&accepted["request_id"], &json!(null)));
    assert!(done["logs"].as_array().is_some_and(|logs| !logs.is_empty() && logs.len() <= 10));
    assert!(std::path::Path::new(done["video"]["file"].as_str().unwrap()).is_file());
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

#[tokio::test]
async fn when_patience_ends_the_answer_is_the_handle() {
    let stage = Stage::at_pace(Pace::Realistic).await.with_patience(Duration::from_millis(1));
    let (client, _serving) = stage.client().await;
    let task = generate(&client, "still.png").await;
    assert!(["queued", "in_progress"].contains(&task["status"].as_str().unwrap()));
    let done = until(&client, task["task_id"].as_str().unwrap(), |task| task["status"] == "completed").await;
    assert_eq!(done["billed_usd"], "0.28");
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

#[tokio::test]
async fn a_client_that_goes_away_is_not_waited_for_and_its_task_goes_on() {
    let stage = Stage::at_pace(Pace::Realistic).await.with_patience(PATIENCE * 2);
    let (client, serving) = stage.client().await;
    let peer = client.peer().clone();
    let waiting = tokio::spawn(async move {
        let arguments = request("still.png").as_object().cloned().unwrap();
        peer.call_tool(rmcp::model::CallToolRequestParams::new("generate_video_from_image").with_arguments(arguments))
            .await
    });
    let submitted = async {
        while stage.emulator.ledger().charges().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, submitted).await.unwrap();
    client.cancel().await.unwrap();
    // Less than the five seconds that the protocol's crate grants to calls which still wait.
    tokio::time::timeout(Duration::from_secs(4), serving).await.unwrap().unwrap().unwrap();
    assert!(waiting.await.unwrap().is_err());

    let task = stage.videogen.queue().unfinished().remove(0);
    let (client, _serving) = stage.client().await;
    let done = until(&client, task.id.as_str(), |task| task["status"] == "completed").await;
    assert_eq!(done["request_id"], stage.emulator.ledger().charges()[0].request_id);
    assert!(stage.videogen.queue().unfinished().is_empty());
}

#[tokio::test]
async fn a_stopped_task_says_how_to_fetch_what_is_paid() {
    let stage = Stage::at_pace(Pace::Realistic).await;
    let (client, _serving) = stage.client().await;
    let mut arguments = request("still.png");
    arguments["return_queue_id"] = json!(true);
    let task = good(&client, "generate_video_from_image", arguments).await;
    let task_id = task["task_id"].as_str().unwrap();
    let accepted = until(&client, task_id, |task| task["request_id"].is_string()).await;
    stage.videogen.close().await;

    let held = call(&client, "get_queue_status", json!({ "task_id": task_id })).await.structured_content.unwrap();
    assert_eq!((&held["status"], &held["error"]["kind"]), (&json!("held"), &json!("stopped")));
    let resume = format!("videogen resume {} --model kling_2.1", accepted["request_id"].as_str().unwrap());
    assert!(held["next_step"].as_str().unwrap().contains(&resume), "{held}");
}

#[tokio::test]
async fn a_task_is_cancelled_and_its_end_tells() {
    let stage = Stage::at_pace(Pace::Realistic).await;
    let (client, _serving) = stage.client().await;
    let mut arguments = request("still.png");
    arguments["return_queue_id"] = json!(true);
    let task = good(&client, "generate_video_from_image", arguments).await;
    let task_id = task["task_id"].as_str().unwrap();
    good(&client, "cancel_video", json!({ "task_id": task_id })).await;
    let cancelled = until(&client, task_id, |task| task["status"] == "cancelled").await;
    assert!(cancelled["next_step"].is_null() && cancelled["video"].is_null(), "{cancelled}");
    assert!(stage.videogen.queue().unfinished().is_empty());
}
