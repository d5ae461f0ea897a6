//! Server-sent events: passed on one by one, kept with their times, and replayed.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::routing::get;
use bytes::Bytes;
use fal_emulator::Pace;
use fal_emulator::record::Replay;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::client::Caller;
use crate::record::{exchanges, recorder, replay, served};

const FIRST: &str = "data: {\"status\":\"IN_QUEUE\",\"z\":1.0,\"status_url\":\"https://rest.fal.ai/x\"}\n\n";
const PING: &str = ": ping\n\n";
const OTHER: &str = "event: log\r\nid: 7\r\ndata: two\r\ndata: {\"url\":\"https://v3b.fal.media/x\"}\r\n\r\n";
const LAST: &str = "data: {\"status\":\"COMPLETED\"}\n\n";

/// A host whose stream is whatever is sent into the channel.
async fn host() -> (String, mpsc::Sender<&'static str>) {
    let (sender, receiver) = mpsc::channel(1);
    let receiver = std::sync::Arc::new(tokio::sync::Mutex::new(receiver));
    let stream = move || {
        let receiver = std::sync::Arc::clone(&receiver);
        let pieces = stream::unfold(receiver, |receiver| async move {
            let piece: &str = receiver.lock().await.recv().await?;
            Some((Ok::<_, Infallible>(Bytes::from(piece)), receiver))
        });
        async { ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(pieces)) }
    };
    (served(Router::new().route("/status/stream", get(stream))).await, sender)
}

async fn piece(answer: &mut reqwest::Response) -> String {
    let piece = answer.chunk().await.expect("arrives").expect("is one more");
    String::from_utf8(piece.to_vec()).expect("is text")
}

#[tokio::test]
async fn events_pass_as_they_come_and_are_replayed_to_the_byte() {
    let folder = tempfile::tempdir().expect("is made");
    let (host, sender) = host().await;
    let recorder = recorder(&host, folder.path()).await;
    let urls = recorder.urls().clone();
    let mut answer = Caller::new().get(&format!("{}/status/stream", urls.queue)).await;
    let mut heard = Vec::new();
    for event in [FIRST, PING, OTHER] {
        // The next event comes only when this one has passed.
        sender.send(event).await.expect("is taken");
        let expected = event.replace("https://rest.fal.ai", &urls.rest);
        let expected = expected.replace("https://v3b.fal.media", &format!("{}/~v3b.fal.media", urls.cdn));
        heard.push(piece(&mut answer).await);
        assert_eq!(heard.last(), Some(&expected));
    }
    sender.send(LAST.split_at(10).0).await.expect("is taken");
    sender.send(LAST.split_at(10).1).await.expect("is taken");
    heard.push(piece(&mut answer).await);
    drop(sender);
    assert_eq!(answer.chunk().await.expect("ends well"), None);
    recorder.stop().await.expect("writes all");

    let [written] = exchanges(folder.path()).try_into().expect("is one");
    let events = written["answer"]["body"]["events"].as_array().expect("are events").clone();
    assert_eq!(events[0]["data"], json!({ "status": "IN_QUEUE", "z": 1.0, "status_url": "{rest}/x" }));
    assert_eq!(events[1]["text"], PING);
    assert_eq!(events[2]["text"], OTHER.replace("https://v3b.fal.media", "{cdn}/~v3b.fal.media"));
    assert_eq!(events[3]["data"]["status"], "COMPLETED");
    assert!(events.iter().all(|event| event["at_ms"].is_u64()));

    let replay = replay(folder.path()).await;
    let again = Caller::new().get(&format!("{}/status/stream", replay.urls().queue)).await;
    assert_eq!(again.headers()["content-type"], "text/event-stream");
    let port = |queue: &str| queue.replace("/queue", "");
    let expected = heard.concat().replace(&port(&urls.queue), &port(&replay.urls().queue));
    assert_eq!(again.text().await.expect("arrives"), expected);
}

#[tokio::test(start_paused = true)]
async fn events_are_replayed_at_their_times_on_tokios_clock() {
    let folder = tempfile::tempdir().expect("is made");
    let event = |at_ms: u64| json!({ "at_ms": at_ms, "data": { "at": at_ms } });
    let exchange = json!({
        "format": 1, "sequence": 1, "at": "2026-11-22T10:00:00Z",
        "request": { "method": "GET", "host_class": "queue", "path": "/s", "headers": {} },
        "answer": {
            "status": 200, "headers": { "content-type": "text/event-stream" },
            "body": { "events": [event(0), event(90_000), event(3_600_000)] },
        },
    });
    std::fs::write(folder.path().join("00001-queue.json"), exchange.to_string()).expect("is written");
    for (pace, times) in [(Pace::Realistic, [0, 90, 3600]), (Pace::Fast, [0, 0, 0])] {
        let replay = Replay::builder().folder(folder.path()).pace(pace).start().await.expect("starts");
        let begun = Instant::now();
        let answer = Caller::new().get(&format!("{}/s", replay.urls().queue)).await;
        let mut seconds = Vec::new();
        let mut pieces = answer.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.expect("arrives");
            let events = String::from_utf8_lossy(&piece).matches("data: ").count();
            seconds.extend(std::iter::repeat_n(begun.elapsed().as_secs(), events));
        }
        assert_eq!(seconds, times, "{pace:?}");
        assert!(begun.elapsed() < Duration::from_secs(times[2] + 1));
    }
    let written: Value = exchanges(folder.path()).remove(0);
    assert_eq!(written["answer"]["body"]["events"].as_array().map(Vec::len), Some(3));
}
