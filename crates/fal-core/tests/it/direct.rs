//! Calls past the queue: the model's answer is the answer, and what may have been paid for is not asked for twice.

use std::sync::Arc;
use std::time::Duration;

use fal_core::{Delivery, Error, ErrorKind, FalClient, Recovery, RequestOptions, Timeouts};
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::event_script::{Piece, event, events, ping};
use crate::fal_at::{KEY, STEADY, config_of_fal, endpoint, input, over, over_with};
use crate::scripted::{Exchange, ScriptedTransport, answered, answered_with, failed};

fn fal(exchanges: impl IntoIterator<Item = Exchange>) -> (Arc<ScriptedTransport>, FalClient) {
    let transport = Arc::new(ScriptedTransport::new(exchanges));
    let client = over(&transport, STEADY);
    (transport, client)
}

async fn run(client: &FalClient) -> Result<fal_core::Output, Error> {
    client.run(&endpoint(), &input(), &RequestOptions::new()).await
}

#[tokio::test(start_paused = true)]
async fn a_run_is_one_post_to_the_run_host_and_brings_the_output() {
    let mut done = answered_with(200, "x-fal-billable-units", "2.5").unwrap();
    *done.body_mut() = fal_core::ResponseBody::full(r#"{"images":[1]}"#);
    let (transport, client) = fal([Ok(done)]);
    let output = run(&client).await.unwrap();
    assert_eq!((output.payload, output.billable_units), (json!({ "images": [1] }), Some("2.5".parse().unwrap())));
    let request = &transport.requests()[0];
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://fal.run/fal-ai/kling-video/v2.1/standard/image-to-video");
    assert_eq!(request.headers()["authorization"], format!("Key {KEY}"));
    assert_eq!(request.body(), &input().to_string());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_may_have_been_paid_for_is_never_sent_again() {
    for (exchange, kind) in [
        (failed(Delivery::Unknown), ErrorKind::Unconfirmed),
        (answered(502, "<html>nginx</html>"), ErrorKind::Unconfirmed),
        (answered(200, "<html>login</html>"), ErrorKind::Unconfirmed),
        (answered(408, "{}"), ErrorKind::Unconfirmed),
        // The model's own word: it failed, and no 5xx is billed.
        (answered_with(500, "x-fal-request-id", "r-1"), ErrorKind::Interrupted),
        (answered_with(504, "x-fal-request-id", "r-1"), ErrorKind::Interrupted),
        (answered(422, r#"{"detail":"no"}"#), ErrorKind::Rejected),
    ] {
        let (transport, client) = fal([exchange]);
        assert_eq!(run(&client).await.unwrap_err().kind(), kind);
        assert_eq!(transport.exchanges(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_not_taken_is_sent_again() {
    let busy =
        || answered(429, r#"{"detail":"Reached concurrent requests limit of 2","type":"concurrent_requests_limit"}"#);
    let (transport, client) = fal([failed(Delivery::NotSent), failed(Delivery::NotSent), busy(), answered(200, "{}")]);
    // The first attempt went to fal's backup domain as well.
    run(&client).await.unwrap();
    assert_eq!(transport.hosts(), ["fal.run", "falrun.com", "fal.run", "fal.run"]);
}

#[tokio::test(start_paused = true)]
async fn a_run_has_minutes_and_may_be_given_others() {
    for (options, seconds) in
        [(RequestOptions::new(), 600), (RequestOptions::new().with_timeout(Duration::from_secs(7)), 7)]
    {
        let silent = events([Piece::Wait(10_000)]);
        let transport = Arc::new(ScriptedTransport::new([silent]));
        let client = over_with(&transport, config_of_fal().with_timeouts(Timeouts::default()));
        let began = Instant::now();
        let error = client.run(&endpoint(), &input(), &options).await.unwrap_err();
        // It was answered with a request id, so that it is known to have begun.
        assert_eq!((error.recovery(), error.request_id()), (Recovery::Reconcile, Some("r-1")));
        assert_eq!(began.elapsed().as_secs(), seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_tells_each_event_of_the_model() {
    let (transport, client) = fal([events([event(r#"{"log":"a"}"#), ping(), Piece::Wait(20), event("[1]")])]);
    let stream = client.stream(&endpoint(), &input(), &RequestOptions::new()).await.unwrap();
    assert_eq!(stream.request_id(), Some("r-1"));
    let all: Vec<Value> = stream.try_collect().await.unwrap();
    assert_eq!(all, [json!({ "log": "a" }), json!([1])]);
    let request = &transport.requests()[0];
    assert_eq!(request.uri().path(), "/fal-ai/kling-video/v2.1/standard/image-to-video/stream");
    assert_eq!(
        (request.method().as_str(), &request.headers()["accept"]),
        ("POST", &"text/event-stream".parse().unwrap())
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_has_been_paid_for_and_is_not_opened_again() {
    for last in [Piece::Break, Piece::Wait(1000), event("no JSON")] {
        let (transport, client) = fal([events([event("1"), last, event("2")])]);
        let stream = client.stream(&endpoint(), &input(), &RequestOptions::new()).await.unwrap();
        let all: Vec<_> = stream.collect().await;
        let [Ok(_), Err(error)] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((error.recovery(), error.request_id()), (Recovery::Reconcile, Some("r-1")));
        assert_eq!(transport.exchanges(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_stream_is_the_error_that_it_is() {
    for (exchange, kind) in [
        (answered(422, r#"{"detail":"no"}"#), ErrorKind::Rejected),
        (answered(200, "{}"), ErrorKind::Unconfirmed),
        (failed(Delivery::Unknown), ErrorKind::Unconfirmed),
    ] {
        let (transport, client) = fal([exchange]);
        let error = client.stream(&endpoint(), &input(), &RequestOptions::new()).await.unwrap_err();
        assert_eq!((error.kind(), transport.exchanges()), (kind, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_may_take_its_time() {
    let (_, client) = fal([events([event("1"), event("2")])]);
    let mut stream = client.stream(&endpoint(), &input(), &RequestOptions::new()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    sleep(Duration::from_secs(100)).await;
    stream.next().await.unwrap().unwrap();
    assert!(stream.next().await.is_none());
}
