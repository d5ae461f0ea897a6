//! Whole generations on the emulator: what is asked, what is paid, and what faults change of either.

use std::time::Duration;

use fal_core::{
    Cancellation, ErrorKind, FalApi, FalClient, FalConfig, HostClass, Hosts, QueueStatus, RequestHandle,
    RequestOptions, Subscription, WatchMode, WatchOptions,
};
use fal_emulator::{Emulator, Fault, FaultRule, Pace};
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};

use crate::fal_at::{QUICK, config_of_fal, endpoint};

struct Stage {
    emulator: Emulator,
    client: FalClient,
}

impl Stage {
    async fn set(faults: impl IntoIterator<Item = FaultRule>) -> Self {
        let builder = Emulator::builder().pace(Pace::Fast).rendering(false);
        let builder = faults.into_iter().fold(builder, |builder, fault| builder.fault(fault));
        let emulator = builder.inference_time(Duration::from_millis(50)).start().await.unwrap();
        Self { client: client(&emulator), emulator }
    }

    async fn subscribe(&self) -> Subscription {
        self.client.subscribe(&endpoint(), &input(), &RequestOptions::new()).await.unwrap()
    }

    /// What was asked of the queue since the start, in short.
    fn asked(&self) -> Vec<String> {
        let short = |path: &str| match path.rsplit_once("/requests/").map(|(_, rest)| rest.split_once('/')) {
            None => "submit".to_owned(),
            Some(None) => "result".to_owned(),
            Some(Some((_, rest))) => rest.trim_end_matches("?logs=1").to_owned(),
        };
        self.emulator.requests().iter().map(|request| short(&request.path_and_query)).collect()
    }
}

fn client(emulator: &Emulator) -> FalClient {
    let urls = emulator.urls();
    let hosts = [(HostClass::Queue, &urls.queue), (HostClass::Run, &urls.run), (HostClass::Cdn, &urls.cdn)];
    let hosts = hosts.into_iter().fold(Hosts::default(), |hosts, (class, url)| hosts.with(class, url).unwrap());
    let config: FalConfig = config_of_fal();
    FalClient::new(config.with_hosts(hosts).with_retry(QUICK)).unwrap()
}

fn input() -> Value {
    json!({ "prompt": "slow zoom in on the bay", "image_url": "data:image/png;base64,AAAA" })
}

/// Where a request has been, without repetitions.
async fn places(subscription: &mut Subscription) -> Vec<&'static str> {
    let mut places = Vec::new();
    while let Some(status) = subscription.try_next().await.unwrap() {
        places.push(match status {
            QueueStatus::InQueue { .. } => "queue",
            QueueStatus::InProgress { .. } => "work",
            QueueStatus::Completed { .. } => "done",
            _ => "?",
        });
    }
    places.dedup();
    places
}

#[tokio::test]
async fn a_generation_is_three_requests() {
    let stage = Stage::set([]).await;
    let mut request = stage.subscribe().await;
    let output = request.output().await.unwrap();
    assert!(output.payload["video"]["url"].is_string() && output.billable_units.is_some());
    assert_eq!(stage.asked(), ["submit", "status/stream", "result"]);
    stage.emulator.ledger().assert_charged_once(&request.request().request_id);
}

#[tokio::test]
async fn another_process_takes_a_request_up_by_its_handle_or_its_id() {
    let stage = Stage::set([]).await;
    let stored = serde_json::to_string(stage.subscribe().await.request()).unwrap();
    let handle: RequestHandle = serde_json::from_str(&stored).unwrap();
    let by_id = stage.client.handle(&endpoint(), &handle.request_id).unwrap();
    for handle in [handle, by_id] {
        let mut request = client(&stage.emulator).resume(handle, WatchOptions::default());
        assert!(request.output().await.is_ok());
    }
    stage.emulator.ledger().assert_charges(1);
}

#[tokio::test]
async fn a_stream_that_is_cut_or_refused_costs_nothing_but_another_request() {
    for (fault, asked) in [
        (FaultRule::new(Fault::StreamCut { events: 1 }).times(1), vec!["status/stream"; 2]),
        (
            FaultRule::new(Fault::Nginx502 { after_accept: false }).on(fal_emulator::Operation::StatusStream).times(1),
            vec!["status/stream"; 2],
        ),
    ] {
        let stage = Stage::set([fault]).await;
        let mut request = stage.subscribe().await;
        assert_eq!(places(&mut request).await.last(), Some(&"done"));
        request.output().await.unwrap();
        let expected = [vec!["submit"], asked, vec!["result"]].concat();
        assert_eq!(stage.asked(), expected);
        stage.emulator.ledger().assert_charged_once(&request.request().request_id);
    }
}

#[tokio::test]
async fn a_request_whose_runner_was_lost_is_followed_to_its_end() {
    let stage = Stage::set([FaultRule::new(Fault::RunnerLost { retries: 1 })]).await;
    let mut request = stage.subscribe().await;
    assert_eq!(places(&mut request).await.last(), Some(&"done"));
    request.output().await.unwrap();
    stage.emulator.ledger().assert_charged_once(&request.request().request_id);
}

#[tokio::test]
async fn a_failure_is_told_by_the_status_and_explained_by_the_result() {
    let stage = Stage::set([FaultRule::new(Fault::ContentPolicy)]).await;
    let mut request = stage.subscribe().await;
    let last = request.by_ref().filter_map(|status| async { status.ok() }).collect::<Vec<_>>().await.pop();
    assert!(matches!(last, Some(QueueStatus::Completed { error: Some(_), .. })), "{last:?}");
    assert_eq!(request.output().await.unwrap_err().kind(), ErrorKind::ContentPolicy);
}

#[tokio::test]
async fn a_request_is_cancelled_once_and_then_it_is_too_late() {
    let stage = Stage::set([FaultRule::new(Fault::NeverFinishing)]).await;
    let mut request = stage.subscribe().await;
    request.next().await.unwrap().unwrap();
    let handle = request.request().clone();
    assert_eq!(stage.client.cancel(&handle).await.unwrap(), Cancellation::Requested);
    assert_eq!(places(&mut request).await.last(), Some(&"done"));
    assert_eq!(request.output().await.unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(stage.client.cancel(&handle).await.unwrap(), Cancellation::TooLate);
    let nobody = stage.client.handle(&endpoint(), "00000000-0000-0000-0000-000000000000").unwrap();
    assert_eq!(stage.client.cancel(&nobody).await.unwrap(), Cancellation::Unknown);
}

#[tokio::test]
async fn a_lost_submit_is_paid_once_and_found_again() {
    let stage = Stage::set([FaultRule::new(Fault::ReplyLost).times(1)]).await;
    let error = stage.client.subscribe(&endpoint(), &input(), &RequestOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unconfirmed);
    let charges = stage.emulator.ledger().charges();
    let [charge] = charges.as_slice() else { panic!("{charges:?}") };
    let handle = stage.client.handle(&endpoint(), &charge.request_id).unwrap();
    stage.client.resume(handle, WatchOptions::default()).output().await.unwrap();
    stage.emulator.ledger().assert_no_duplicates();
}

#[tokio::test]
async fn polls_bring_the_same_end() {
    let stage = Stage::set([]).await;
    let handle = stage.subscribe().await.request().clone();
    let polls = Duration::from_millis(1);
    let options = WatchOptions::default().with_mode(WatchMode::Polls).with_polls(polls, polls);
    let mut request = stage.client.resume(handle, options);
    assert_eq!(places(&mut request).await.last(), Some(&"done"));
    assert!(!stage.asked().contains(&"status/stream".to_owned()));
}

#[tokio::test]
async fn direct_calls_bring_the_output_at_once_and_are_paid_once() {
    let stage = Stage::set([]).await;
    let output = stage.client.run(&endpoint(), &input(), &RequestOptions::new()).await.unwrap();
    assert!(output.payload["video"]["url"].is_string() && output.billable_units.is_some());
    let stream = stage.client.stream(&endpoint(), &input(), &RequestOptions::new()).await.unwrap();
    let events: Vec<Value> = stream.try_collect().await.unwrap();
    assert!(events.last().unwrap()["video"]["url"].is_string());
    stage.emulator.ledger().assert_charges(2);
}
