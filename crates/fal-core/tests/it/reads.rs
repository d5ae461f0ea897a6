//! Reads cost nothing, so they are repeated until they succeed or the limit is reached.

use std::time::Duration;

use fal_core::{ErrorKind, FalApi, FalClient, QueueStatus, Recovery};
use serde_json::json;

use crate::fal_at::{accepted, client, impatient};
use crate::raw_server::{Act, RawServer, answer};

/// What a read may meet and get over.
fn passing() -> Vec<(&'static str, Act)> {
    vec![
        ("closes", Act::AnswerAndClose(String::new())),
        ("half a body", Act::AnswerAndClose("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"sta".to_owned())),
        ("a gateway's 502", Act::Answer(answer("502 Bad Gateway", "", "<html>nginx</html>"))),
        ("a 503", Act::Answer(answer("503 Service Unavailable", "x-fal-request-id: r\r\n", "{}"))),
        ("a 504", Act::Answer(answer("504 Gateway Timeout", "", ""))),
        ("a 408", Act::Answer(answer("408 Request Timeout", "", ""))),
        ("a 429", Act::Answer(answer("429 Too Many Requests", "", ""))),
    ]
}

async fn status(client: &FalClient) -> Result<QueueStatus, (ErrorKind, Recovery)> {
    client.status(&accepted(client)).await.map_err(|error| (error.kind(), error.recovery()))
}

#[tokio::test]
async fn a_status_read_gets_over_two_failures() {
    let queued = Act::Answer(answer("202 Accepted", "", r#"{"status":"IN_QUEUE","queue_position":4}"#));
    for (name, act) in passing() {
        for failures in 0..=2 {
            let mut acts = vec![act.clone(); failures];
            acts.push(queued.clone());
            let server = RawServer::start(acts).await;
            let seen = status(&client(&server.base())).await;
            assert_eq!(seen, Ok(QueueStatus::InQueue { position: Some(4) }), "{name} {failures}");
            assert_eq!(server.requests(1).await.len(), failures + 1, "{name}");
        }
    }
}

#[tokio::test]
async fn a_result_read_gets_over_two_failures() {
    let done = Act::Answer(answer("200 OK", "x-fal-billable-units: 5\r\n", r#"{"video":{"url":"https://x/v.mp4"}}"#));
    for (name, act) in passing() {
        let server = RawServer::start([act.clone(), act, done.clone()]).await;
        let client = client(&server.base());
        let output = client.result(&accepted(&client)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(output.payload, json!({"video":{"url":"https://x/v.mp4"}}), "{name}");
        assert_eq!(server.requests(1).await.len(), 3, "{name}");
    }
}

#[tokio::test]
async fn the_third_failure_is_the_last_and_may_be_tried_again_later() {
    for (name, act) in passing() {
        let server = RawServer::start([act]).await;
        let kind = if name == "a 429" { ErrorKind::RateLimited } else { ErrorKind::Interrupted };
        assert_eq!(status(&client(&server.base())).await, Err((kind, Recovery::Later)), "{name}");
        assert_eq!(server.requests(3).await.len(), 3, "{name}");
    }
}

#[tokio::test]
async fn a_server_that_stops_answering_is_asked_again() {
    let queued = Act::Answer(answer("202 Accepted", "", r#"{"status":"IN_QUEUE"}"#));
    let server = RawServer::start([Act::AnswerAndStall(String::new()), queued]).await;
    let client = impatient(&server.base(), Duration::from_secs(1), Duration::from_secs(30));
    assert_eq!(status(&client).await, Ok(QueueStatus::InQueue { position: None }));
    assert_eq!(server.requests(2).await.len(), 2);
}

#[tokio::test]
async fn connections_that_are_reset_are_made_again() {
    let queued = Act::Answer(answer("202 Accepted", "", r#"{"status":"IN_QUEUE"}"#));
    let server = RawServer::start([Act::Reset, Act::Reset, queued]).await;
    assert!(status(&client(&server.base())).await.is_ok());
    assert_eq!(server.connections(3).await, 3);
}

#[tokio::test]
async fn what_will_not_change_is_asked_once() {
    let by_the_caller = "x-fal-request-timeout-type: user\r\n";
    for (name, act, expected) in [
        ("404", answer("404 Not Found", "", r#"{"status":"NOT_FOUND"}"#), (ErrorKind::NotFound, Recovery::Never)),
        ("401", answer("401 Unauthorized", "", ""), (ErrorKind::Unauthorized, Recovery::Never)),
        ("500", answer("500 Internal Server Error", "", "{}"), (ErrorKind::Interrupted, Recovery::Later)),
        ("504 user", answer("504 Gateway Timeout", by_the_caller, "{}"), (ErrorKind::Interrupted, Recovery::Later)),
        ("HTML", answer("200 OK", "", "<html>login</html>"), (ErrorKind::UnexpectedAnswer, Recovery::Never)),
    ] {
        let server = RawServer::start([Act::Answer(act)]).await;
        assert_eq!(status(&client(&server.base())).await, Err(expected), "{name}");
        assert_eq!(server.requests(1).await.len(), 1, "{name}");
    }
}
