//! Which recorded answer a request gets.

use std::path::Path;

use fal_emulator::HostClass;
use serde_json::{Value, json};

use crate::client::Caller;
use crate::record::replay;

/// Writes an exchange by hand, which the format allows.
fn write(folder: &Path, sequence: u32, request: Value, answer: &str) {
    let mut exchange = json!({
        "format": 1, "sequence": sequence, "at": "2026-11-22T10:00:00Z", "request": request,
        "answer": { "status": 200, "headers": {}, "body": { "text": answer } },
    });
    exchange["request"]["headers"] = json!({});
    let name = format!("{sequence:05}-queue.json");
    std::fs::write(folder.join(name), exchange.to_string()).expect("is written");
}

fn get(path: &str, query: &str) -> Value {
    json!({ "method": "GET", "host_class": "queue", "path": path, "query": query })
}

async fn text(answer: reqwest::Response) -> String {
    assert_eq!(answer.status(), 200);
    answer.text().await.expect("arrives")
}

#[tokio::test]
async fn the_same_request_gets_its_answers_in_order_and_then_the_last_one() {
    let folder = tempfile::tempdir().expect("is made");
    for (sequence, answer) in [(2, "running"), (4, "done"), (1, "queued")] {
        write(folder.path(), sequence, get("/status", "logs=1"), answer);
    }
    write(folder.path(), 3, get("/other", ""), "other");
    let replay = replay(folder.path()).await;
    assert_eq!(replay.unused().len(), 4);
    let url = format!("{}/status?logs=1", replay.urls().queue);
    for expected in ["queued", "running", "done", "done", "done"] {
        assert_eq!(text(Caller::new().get(&url).await).await, expected);
    }
    let [unused] = replay.unused().try_into().expect("is one");
    assert_eq!((unused.sequence, unused.host_class), (3, HostClass::Queue));
    assert_eq!(unused.to_string(), "00003 GET queue /other");
}

#[tokio::test]
async fn order_in_a_query_spelling_in_json_and_secrets_make_no_difference() {
    let folder = tempfile::tempdir().expect("is made");
    write(folder.path(), 1, get("/q", "a=1&b=2&upload_token=secret-1&x=y%20z"), "query");
    let body = json!({ "json": { "b": [1, { "c": "secret-2" }], "a": "{cdn}/x" } });
    let post = json!({ "method": "POST", "host_class": "queue", "path": "/p", "body": body });
    write(folder.path(), 2, post, "json");
    let replay = replay(folder.path()).await;
    let caller = Caller::new();
    let queue = &replay.urls().queue;
    let url = format!("{queue}/q?x=y+z&upload_token=anything&b=2&a=1");
    assert_eq!(text(caller.get(&url).await).await, "query");
    for cdn in [replay.urls().cdn.as_str(), "https://v3.fal.media"] {
        let body = format!(
            "{{ \"a\" : \"{}\\/x\",\n\"b\" : [ 1, {{\"c\": \"long-key-secret\"}} ] }}",
            cdn.replace('/', "\\/")
        );
        let post = caller.http.post(format!("{queue}/p")).header("authorization", "Key long-key-id:long-key-secret");
        assert_eq!(text(post.body(body).send().await.expect("answers")).await, "json");
    }
    let range = caller.http.get(&url).header("range", "bytes=0-1").send().await.expect("answers");
    assert_eq!(range.status(), 404, "a part of a file is not the whole");
}

#[tokio::test]
async fn a_request_that_was_not_recorded_is_told_with_the_nearest_that_was() {
    let folder = tempfile::tempdir().expect("is made");
    let body = json!({ "json": { "prompt": "zoom in", "seed": 1, "old": null } });
    write(
        folder.path(),
        1,
        json!({ "method": "POST", "host_class": "queue", "path": "/fal-ai/model", "body": body }),
        "",
    );
    write(folder.path(), 2, get("/fal-ai/model/requests/1/status", "logs=1"), "");
    let replay = replay(folder.path()).await;
    let caller = Caller::new();
    let input = json!({ "prompt": "a private prompt", "seed": 1 });
    let answer = caller.post(&format!("{}/fal-ai/model", replay.urls().queue), &input).await;
    assert_eq!(answer.status(), 404);
    let told: Value = answer.json().await.expect("is JSON");
    assert_eq!(told["asked"], "POST queue /fal-ai/model");
    assert_eq!(told["nearest"]["sequence"], 1);
    assert_eq!(told["nearest"]["differs_in"], json!(["body.prompt", "body.old"]));
    assert!(!told.to_string().contains("private"));
    let answer = caller.get(&format!("{}/fal-ai/model/requests/2/status?logs=0", replay.urls().queue)).await;
    let told: Value = answer.json().await.expect("is JSON");
    assert_eq!(told["nearest"]["request"], "GET queue /fal-ai/model/requests/1/status?logs=1");
    assert_eq!(told["nearest"]["differs_in"], json!(["path", "query"]));
    assert_eq!(replay.unused().len(), 2);
}
