//! `DELETE /v1/tasks/{id}`: what has become of it is told.

use fal_emulator::Pace;
use serde_json::Value;

use crate::stage::{Stage, path_of, problem, request};

#[tokio::test]
async fn a_task_is_cancelled_or_it_is_too_late() {
    let stage = Stage::at_pace(Pace::Realistic).await;
    let delete = |path: String| {
        let request = stage.caller.http.delete(stage.caller.url(&path));
        async move { request.send().await.unwrap() }
    };
    let task = stage.caller.create(&request()).await;
    let accepted = stage.caller.until(&task, |task| task["request_id"].is_string()).await;
    let answer: Value = delete(path_of(&task)).await.json().await.unwrap();
    assert_eq!(answer["outcome"], "requested", "{answer}");
    let cancelled = stage.caller.settled(&task).await;
    assert_eq!((&cancelled["status"], &cancelled["request_id"]), (&"cancelled".into(), &accepted["request_id"]));

    let made = stage.caller.settled(&stage.caller.create(&request()).await).await;
    assert_eq!(made["status"], "completed");
    let answer: Value = delete(path_of(&made)).await.json().await.unwrap();
    assert_eq!((&answer["outcome"], &answer["task"]), (&"too_late".into(), &made));
    assert_eq!(problem(delete("/v1/tasks/nobody".to_owned()).await).await.0, 404);
}
