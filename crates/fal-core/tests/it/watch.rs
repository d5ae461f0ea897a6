//! Watching a request to its end, whatever happens to streams and polls on the way. In paused time.

use std::sync::Arc;
use std::time::Duration;

use fal_core::{
    Delivery, ErrorKind, ErrorType, FalApi, FalClient, LogEntry, QueueStatus, RequestFailure, TransportConfig, Watch,
    WatchMode, WatchOptions,
};
use futures::{FutureExt, StreamExt, TryStreamExt};
use tokio::time::Instant;

use crate::event_script::{Piece, event, events, ping};
use crate::fal_at::{STEADY, accepted, config_of_fal, over, over_with};
use crate::scripted::{Exchange, ScriptedTransport, answered, failed};

const QUEUED: &str = r#"{"status":"IN_QUEUE","queue_position":2}"#;
const WORKING: &str = r#"{"status":"IN_PROGRESS","logs":null}"#;
const DONE: &str = r#"{"status":"COMPLETED","logs":[]}"#;

fn working(lines: &str) -> String {
    let logs: Vec<_> = lines.split_whitespace().map(|line| format!(r#"{{"message":"{line}"}}"#)).collect();
    format!(r#"{{"status":"IN_PROGRESS","logs":[{}]}}"#, logs.join(","))
}

fn fal(exchanges: impl IntoIterator<Item = Exchange>) -> (Arc<ScriptedTransport>, FalClient) {
    let transport = Arc::new(ScriptedTransport::new(exchanges));
    let client = over(&transport, STEADY);
    (transport, client)
}

fn watch(client: &FalClient) -> Watch {
    client.watch(&accepted(client), WatchOptions::default())
}

/// What a watch tells, in short.
async fn told(watch: Watch) -> Vec<String> {
    watch
        .map(|status| status.map_or_else(|error| format!("{:?}", error.kind()), |status| short(&status)))
        .collect()
        .await
}

fn short(status: &QueueStatus) -> String {
    let text = |logs: &[LogEntry]| logs.iter().map(|log| format!(" {}", log.message)).collect::<String>();
    match status {
        QueueStatus::InQueue { position } => format!("queue {}", position.unwrap_or_default()),
        QueueStatus::InProgress { logs } => format!("work{}", text(logs)),
        QueueStatus::Completed { logs, .. } => format!("done{}", text(logs)),
        _ => "?".to_owned(),
    }
}

/// What was asked: `stream` or `poll`.
fn asked(transport: &ScriptedTransport) -> Vec<&'static str> {
    let kind = |request: &http::Request<bytes::Bytes>| match request.uri().path_and_query().unwrap().as_str() {
        "/fal-ai/kling-video/requests/r-1/status/stream?logs=1" => "stream",
        "/fal-ai/kling-video/requests/r-1/status?logs=1" => "poll",
        other => panic!("{other}"),
    };
    transport.requests().iter().map(kind).collect()
}

#[tokio::test(start_paused = true)]
async fn one_stream_tells_everything_to_the_end() {
    let (transport, client) = fal([events([
        event(QUEUED),
        Piece::Wait(14),
        ping(),
        event(r#"{"status":"IN_QUEUE","queue_position":0}"#),
        event(WORKING),
        Piece::Wait(14),
        event(&working("10%")),
        event(&working("20% 30%")),
        event(r#"{"status":"COMPLETED","logs":[{"message":"saved"}],"metrics":{"inference_time":12.5}}"#),
    ])]);
    let told = told(watch(&client)).await;
    assert_eq!(told, ["queue 2", "queue 0", "work", "work 10%", "work 20% 30%", "done saved"]);
    assert_eq!(asked(&transport), ["stream"]);
    let accept = transport.requests()[0].headers().get("accept").cloned();
    assert_eq!(accept.as_ref().map(|kind| kind.as_bytes()), Some(&b"text/event-stream"[..]));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_an_end_with_its_reason() {
    let failed = r#"{"status":"COMPLETED","error":"Request timed out","error_type":"request_timeout"}"#;
    let (_, client) = fal([events([event(failed)])]);
    let mut reason = RequestFailure::new("Request timed out");
    reason.error_type = Some(ErrorType::RequestTimeout);
    let last = watch(&client).try_next().await.unwrap();
    assert_eq!(last, Some(QueueStatus::Completed { logs: vec![], error: Some(reason), inference_time: None }));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_or_breaks_too_early_is_opened_anew_and_no_line_comes_twice() {
    for cut in [vec![], vec![Piece::Break], vec![Piece::Text("data: {\"status\":\"COMPL".to_owned()), Piece::Break]] {
        let first = [event(QUEUED), event(&working("a")), event(&working("b"))].into_iter().chain(cut);
        let second = [event(&working("a b c")), event(&working("d")), event(DONE)];
        let (transport, client) = fal([events(first), events(second)]);
        assert_eq!(told(watch(&client)).await, ["queue 2", "work a", "work b", "work c", "work d", "done"]);
        assert_eq!(asked(&transport), ["stream", "stream"]);
    }
}

#[tokio::test(start_paused = true)]
async fn streams_are_not_opened_more_often_than_once_a_second() {
    let (_, client) = fal([events([event(QUEUED)]), events([event(QUEUED)]), events([event(DONE)])]);
    let began = Instant::now();
    assert_eq!(told(watch(&client)).await, ["queue 2", "done"]);
    assert_eq!(began.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_line_that_went_dead_is_noticed_and_one_that_only_pings_is_kept() {
    let (transport, client) = fal([events([event(QUEUED), Piece::Wait(1000)]), events([event(DONE)])]);
    let began = Instant::now();
    assert_eq!(told(watch(&client)).await, ["queue 2", "done"]);
    assert_eq!((began.elapsed().as_secs(), asked(&transport).len()), (30, 2));

    let pings = (0..9).flat_map(|_| [Piece::Wait(15), ping()]);
    let (transport, client) = fal([events([event(QUEUED)].into_iter().chain(pings).chain([event(DONE)]))]);
    let began = Instant::now();
    assert_eq!(told(watch(&client)).await, ["queue 2", "done"]);
    assert_eq!((began.elapsed().as_secs(), asked(&transport).len()), (135, 1));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_pings_and_has_forgotten_the_request_does_not_cost_the_result() {
    let pings = (0..40).flat_map(|_| [Piece::Wait(15), ping()]);
    let (transport, client) = fal([events([event(WORKING)].into_iter().chain(pings)), events([event(DONE)])]);
    let began = Instant::now();
    assert_eq!(told(watch(&client)).await, ["work", "done"]);
    assert_eq!((began.elapsed().as_secs(), asked(&transport).len()), (150, 2));
}

#[tokio::test(start_paused = true)]
async fn where_streams_are_refused_polls_take_their_place_at_once() {
    for refusal in [
        answered(404, r#"{"detail":"Not Found"}"#),
        answered(405, ""),
        answered(501, "not implemented"),
        answered(200, r#"{"status":"IN_QUEUE"}"#),
    ] {
        let (transport, client) = fal([refusal, answered(202, QUEUED), answered(200, DONE)]);
        let began = Instant::now();
        assert_eq!(told(watch(&client)).await, ["queue 2", "done"]);
        assert_eq!((began.elapsed().as_secs(), asked(&transport)), (1, vec!["stream", "poll", "poll"]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_keeps_breaking_or_talks_nonsense_gives_way_to_polls() {
    for text in ["", "data: nonsense\n\n", "data: {\"status\":\"NOT_FOUND\"}\n\n", "data: \u{fffd}\u{0}\n\n"] {
        let broken = || events([Piece::Text(text.to_owned())]);
        let streams: Vec<_> = (0..6).map(|_| broken()).collect();
        let (transport, client) = fal(streams.into_iter().chain([answered(202, QUEUED), answered(200, DONE)]));
        assert_eq!(told(watch(&client)).await, ["queue 2", "done"], "{text}");
        assert_eq!(asked(&transport), [["stream"; 6].as_slice(), &["poll"; 2]].concat());
    }
}

#[tokio::test(start_paused = true)]
async fn beyond_the_limit_of_streams_requests_are_watched_by_polls() {
    let forever = || events([event(QUEUED), Piece::Wait(20), event(DONE)]);
    let transport = Arc::new(ScriptedTransport::new([forever(), answered(202, QUEUED), forever()]));
    let settings = TransportConfig { streams: 1, ..TransportConfig::default() };
    let client = over_with(&transport, config_of_fal().with_transport(settings));
    let (mut first, mut second) = (watch(&client), watch(&client));
    first.next().await;
    second.next().await;
    assert_eq!(asked(&transport), ["stream", "poll"]);
    // Whoever stops watching makes room.
    drop(first);
    watch(&client).next().await;
    assert_eq!(asked(&transport), ["stream", "poll", "stream"]);
}

#[tokio::test(start_paused = true)]
async fn an_open_stream_does_not_keep_other_calls_waiting() {
    let transport = Arc::new(ScriptedTransport::new([
        events([event(QUEUED), Piece::Wait(20)]),
        events([event(QUEUED), Piece::Wait(20)]),
        answered(202, QUEUED),
    ]));
    let settings = TransportConfig { connections: 1, ..TransportConfig::default() };
    let client = over_with(&transport, config_of_fal().with_transport(settings));
    let (mut first, mut second) = (watch(&client), watch(&client));
    let began = Instant::now();
    first.next().await;
    second.next().await;
    client.status(&accepted(&client)).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn polls_are_spaced_by_what_is_expected() {
    let answers =
        [202, 202, 202, 202, 202, 202, 200].map(|status| answered(status, if status == 200 { DONE } else { WORKING }));
    let (transport, client) = fal(answers);
    let options = WatchOptions::default()
        .with_mode(WatchMode::Polls)
        .with_expected(Duration::from_secs(40))
        .with_polls(Duration::from_secs(2), Duration::from_secs(60));
    let began = Instant::now();
    assert_eq!(told(client.watch(&accepted(&client), options)).await, ["work", "done"]);
    // After 0, 20, 30, 35, 37.5, 39.5 and 41.5 s.
    assert_eq!((began.elapsed(), asked(&transport).len()), (Duration::from_millis(41_500), 7));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_fal_tries_again_is_followed_back_into_the_queue() {
    let (_, client) = fal([events([event(&working("a")), event(QUEUED), event(&working("a")), event(DONE)])]);
    assert_eq!(told(watch(&client)).await, ["work a", "queue 2", "work a", "done"]);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_bridged() {
    // Each call is tried three times; a stream that broke is opened anew.
    let outage = (0..9).map(|_| failed(Delivery::NotSent));
    let after = [events([event(&working("a b")), event(DONE)])];
    let before = [events([event(&working("a")), Piece::Break])];
    let (transport, client) = fal(before.into_iter().chain(outage).chain(after));
    assert_eq!(told(watch(&client)).await, ["work a", "work b", "done"]);
    assert_eq!(transport.exchanges(), 11);
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_lasts_is_told_and_the_watch_can_be_asked_again() {
    let transport = Arc::new(ScriptedTransport::new((0..999).map(|_| failed(Delivery::NotSent))));
    let client = over_with(&transport, config_of_fal().with_retry(STEADY).with_breaker(None));
    let options = WatchOptions::default().with_patience(Duration::from_secs(60));
    let mut watch = client.watch(&accepted(&client), options);
    let mut waited = Vec::new();
    for _ in 0..2 {
        let began = Instant::now();
        let error = watch.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreachable);
        waited.push(began.elapsed().as_secs());
    }
    assert!(waited.iter().all(|seconds| (40..=60).contains(seconds)), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_pass_is_told_at_once() {
    for (status, body, kind) in [
        (401, r#"{"detail":"No user found for Key ID and Secret"}"#, ErrorKind::Unauthorized),
        (404, r#"{"status":"NOT_FOUND"}"#, ErrorKind::NotFound),
        (200, "<html>login</html>", ErrorKind::UnexpectedAnswer),
    ] {
        let transport = Arc::new(ScriptedTransport::new([answered(status, body), answered(status, body)]));
        let client = over_with(&transport, config_of_fal().with_breaker(None));
        let error = watch(&client).next().now_or_never().unwrap().unwrap().unwrap_err();
        assert_eq!((error.kind(), asked(&transport)), (kind, vec!["stream", "poll"]));
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_before_the_watch_is_nor_after_the_end() {
    let (transport, client) = fal([events([event(DONE)])]);
    let mut watch = watch(&client);
    assert_eq!(transport.exchanges(), 0);
    assert!(watch.next().await.is_some());
    for _ in 0..2 {
        assert!(watch.next().await.is_none());
    }
    assert_eq!(transport.exchanges(), 1);
}
