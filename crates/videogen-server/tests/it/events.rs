//! `/v1/events`: what happens is told as it happens, and taken up again where a client was cut off.

use serde_json::Value;

use crate::stage::{PATIENCE, Stage, problem, request};

/// Reads events from a stream until one of this name has come.
async fn until(mut answer: reqwest::Response, last: &str) -> Vec<(u64, Value)> {
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let reading = async {
        let mut text = String::new();
        loop {
            let part = answer.chunk().await.expect("it is not cut off").expect("it does not end");
            text.push_str(std::str::from_utf8(&part).expect("is text"));
            if text.contains(&format!("event: {last}\n")) && text.ends_with("\n\n") {
                return text;
            }
        }
    };
    let text = tokio::time::timeout(PATIENCE, reading).await.expect("it comes to that");
    let field = |event: &str, name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned)).expect(name)
    };
    let events = text.split_terminator("\n\n").filter(|event| !event.starts_with(':'));
    events.map(|event| (field(event, "id").parse().unwrap(), field(event, "data").parse().unwrap())).collect()
}

#[tokio::test]
async fn what_happens_is_told_and_taken_up_again() {
    let stage = Stage::set().await;
    let stream = stage.caller.get("/v1/events").await;
    let task = stage.caller.create(&request()).await;
    let told = until(stream, "settled").await;
    assert!(told.is_sorted_by(|one, next| one.0 < next.0));
    assert!(told.iter().all(|(seq, event)| event["seq"] == *seq && event["task_id"] == task["id"]));
    let names: Vec<&str> = told.iter().map(|(_, event)| event["event"].as_str().unwrap()).collect();
    assert_eq!((names[0], names[names.len() - 1]), ("begun", "settled"));

    let (seen, _) = told[2];
    let again = stage.caller.http.get(stage.caller.url("/v1/events?after=0")).header("Last-Event-ID", seen.to_string());
    assert_eq!(until(again.send().await.unwrap(), "settled").await, told[3..]);
    let path = format!("/v1/events?after=0&task_id={}", task["id"].as_str().unwrap());
    assert_eq!(until(stage.caller.get(&path).await, "settled").await, told);
    assert_eq!(problem(stage.caller.get("/v1/events?afer=0").await).await.0, 400);
}
