//! What becomes of the bodies that fal is known to send: each capture of the emulator through the public API.

use std::time::Duration;

use fal_core::platform::{BillingQuery, RequestQuery};
use fal_core::webhook::{WebhookOutcome, WebhookVerifier};
use fal_core::{Error, ErrorKind, ErrorType, FalApi, FalClient, LogEntry, QueueStatus, Recovery, RequestFailure};
use fal_emulator::captures::{Capture, platform, queue, refusal, webhook};
use futures::StreamExt;
use rust_decimal::Decimal;
use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fal_at::{accepted, client, endpoint, input};
use crate::signer::{Signer, jwks, now};

/// The id in every capture that has one.
const ID: &str = "019e2b7c-90aa-7c31-8f5e-6d0a4b1c2d3e";

/// A fal that answers everything with this capture, or with another body in its place.
async fn saying(capture: &Capture, body: &str) -> (MockServer, FalClient) {
    let server = MockServer::start().await;
    let status = capture.status.expect("is an answer");
    let mut answer = ResponseTemplate::new(status).set_body_raw(body, capture.content_type());
    for (name, value) in capture.headers {
        answer = answer.insert_header(*name, *value);
    }
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = client(&server.uri());
    (server, client)
}

async fn fal(capture: &Capture) -> (MockServer, FalClient) {
    saying(capture, capture.body).await
}

fn json(capture: &Capture) -> Value {
    serde_json::from_str(capture.body).unwrap()
}

async fn status(capture: &Capture) -> QueueStatus {
    let (_server, client) = fal(capture).await;
    client.status(&accepted(&client)).await.unwrap()
}

#[tokio::test]
async fn a_submit_is_known_by_its_id_and_asked_for_on_the_configured_host() {
    let (server, client) = fal(&queue::SUBMITTED).await;
    let request = client.submit(&endpoint(), &input(), &Default::default()).await.unwrap();
    let address = format!("{}/fal-ai/kling-video/requests/{ID}", server.uri());
    assert_eq!((request.request_id.as_str(), request.response_url.as_str()), (ID, address.as_str()));
    assert_eq!(request.status_url, format!("{address}/status"));
    assert_eq!(request.cancel_url, format!("{address}/cancel"));
}

#[tokio::test]
async fn the_three_states_are_read() {
    let line = |level: Option<&str>, timestamp: &str| {
        let mut line = LogEntry::new("Rendering: 40%");
        (line.level, line.timestamp) = (level.map(str::to_owned), Some(timestamp.to_owned()));
        line
    };
    let info = line(Some("INFO"), "2026-05-10T16:21:07.482913Z");
    let mut timed_out = RequestFailure::new("Request timed out");
    timed_out.error_type = Some(ErrorType::RequestTimeout);
    let after = |seconds, logs, error| {
        let inference_time = Some(Duration::from_secs_f64(seconds));
        QueueStatus::Completed { logs, error, inference_time }
    };
    for (capture, expected) in [
        (queue::IN_QUEUE, QueueStatus::InQueue { position: Some(2) }),
        (queue::IN_PROGRESS, QueueStatus::InProgress { logs: vec![] }),
        (queue::IN_PROGRESS_WITH_LOGS, QueueStatus::InProgress { logs: vec![info.clone()] }),
        (queue::COMPLETED, after(126.7, vec![], None)),
        (queue::COMPLETED_WITH_ERROR, after(0.41, vec![info.clone()], Some(timed_out))),
    ] {
        assert_eq!(status(&capture).await, expected, "{}", capture.name);
    }
    for (capture, expected) in [
        (queue::LOGS_WITH_LEVEL, info),
        (queue::LOGS_WITH_LABELS, line(None, "2024-12-20T15:37:17.120314")),
        (queue::LOGS_PLAIN, line(None, "2026-05-10T16:21:07.482Z")),
    ] {
        let mut body = json(&queue::COMPLETED);
        body["logs"] = json(&capture);
        let (_server, client) = saying(&queue::COMPLETED, &body.to_string()).await;
        let found = client.status(&accepted(&client)).await.unwrap();
        assert_eq!(found, after(126.7, vec![expected], None), "{}", capture.name);
    }
}

#[tokio::test]
async fn a_result_comes_with_what_was_billed() {
    let (_server, client) = fal(&queue::RESULT).await;
    let output = client.result(&accepted(&client)).await.unwrap();
    assert_eq!((output.payload, output.billable_units), (json(&queue::RESULT), Some(Decimal::from(5))));
}

#[tokio::test]
async fn every_refusal_of_a_result_says_what_it_is_and_whether_to_ask_again() {
    use {ErrorKind as Kind, Recovery::*};
    for (capture, kind, recovery, error_type, fields) in [
        (refusal::FIELDS, Kind::Rejected, Never, Some("one_of"), &["duration"][..]),
        (refusal::FIELDS_OF_THE_LIBRARY, Kind::Rejected, Never, Some("missing"), &["prompt"]),
        (refusal::FIELDS_OF_THE_OLDER_LIBRARY, Kind::Rejected, Never, Some("value_error.missing"), &["prompt"]),
        (refusal::TYPED, Kind::Interrupted, Later, Some("request_timeout"), &[]),
        (refusal::TEXT, Kind::NotReady, Later, None, &[]),
        (refusal::CONCURRENCY, Kind::RateLimited, Later, Some("concurrent_requests_limit"), &[]),
        (refusal::GATEWAY, Kind::Interrupted, Later, None, &[]),
        (refusal::NOT_FOUND, Kind::NotFound, Never, None, &[]),
        (refusal::UNKNOWN_KEY, Kind::Unauthorized, Never, None, &[]),
        (refusal::MALFORMED_KEY, Kind::Unauthorized, Never, None, &[]),
        (refusal::EXHAUSTED_BALANCE, Kind::ExhaustedBalance, Never, None, &[]),
    ] {
        let (_server, client) = fal(&capture).await;
        let error = client.result(&accepted(&client)).await.unwrap_err();
        assert_eq!((error.kind(), error.recovery()), (kind, recovery), "{}", capture.name);
        let Error::Api(api) = &error else { panic!("{}: {error:?}", capture.name) };
        let found: Vec<_> = api.fields().iter().map(|field| field.field.as_str()).collect();
        assert_eq!(
            (api.error_type().map(ErrorType::as_str), found.as_slice()),
            (error_type, fields),
            "{}",
            capture.name
        );
        let detail = serde_json::from_str::<Value>(capture.body).unwrap_or_default()["detail"].clone();
        assert!(error.to_string().contains(detail.as_str().unwrap_or_default()), "{}: {error}", capture.name);
    }
}

#[tokio::test]
async fn a_page_of_a_gateway_leaves_a_submit_unconfirmed_and_fals_own_refusals_do_not() {
    for (capture, recovery) in [
        (refusal::GATEWAY, Recovery::Reconcile),
        (refusal::CONCURRENCY, Recovery::Later),
        (refusal::UNKNOWN_KEY, Recovery::Never),
        (refusal::EXHAUSTED_BALANCE, Recovery::Never),
        (refusal::FIELDS, Recovery::Never),
    ] {
        let (_server, client) = fal(&capture).await;
        let error = client.submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
        assert_eq!(error.recovery(), recovery, "{}", capture.name);
    }
}

#[tokio::test]
async fn a_webhook_tells_the_output_the_fault_or_to_look_elsewhere() {
    let signer = Signer::new(1);
    let verifier = WebhookVerifier::new(jwks([&signer]).to_string().as_bytes()).unwrap().with_clock(now);
    let mut outcomes = Vec::new();
    for capture in [webhook::OK, webhook::ERROR, webhook::PAYLOAD_ERROR] {
        let body = capture.body.as_bytes();
        let event = verifier.verify(signer.sign(body), body).await.unwrap();
        assert_eq!(event.request_id, ID);
        assert!(event.gateway_request_id.is_some_and(|last| last != ID));
        outcomes.push(event.outcome);
    }
    assert_eq!(outcomes[0], WebhookOutcome::Completed(json(&queue::RESULT)));
    assert!(matches!(&outcomes[1], WebhookOutcome::Failed(failure) if failure.fields[0].field == "duration"));
    assert!(matches!(&outcomes[2], WebhookOutcome::CompletedElsewhere { reason: Some(_) }));
    assert!(WebhookVerifier::new(webhook::JWKS.body.as_bytes()).is_ok());
}

#[tokio::test]
async fn the_platform_tells_prices_costs_and_what_became_of_a_request() {
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    let (_server, client) = fal(&platform::PRICING).await;
    assert_eq!(client.platform().prices(&[endpoint()]).await.unwrap()[0].unit_price, decimal("0.056"));
    let (server, client) = fal(&platform::ESTIMATED).await;
    let by_units = client.platform().estimate_units(&[(endpoint(), decimal("50"))]).await.unwrap();
    let by_calls = client.platform().estimate_calls(&[(endpoint(), 100)]).await.unwrap();
    assert_eq!((by_units.total_cost, by_calls.total_cost), (decimal("2.8"), decimal("2.8")));
    let sent: Vec<Value> =
        server.received_requests().await.unwrap().iter().map(|call| call.body_json().unwrap()).collect();
    assert_eq!(sent, [json(&platform::ESTIMATE_BY_UNITS), json(&platform::ESTIMATE_BY_CALLS)]);
    let (_server, client) = fal(&platform::REQUESTS).await;
    let request = client.platform().requests(RequestQuery::new(&endpoint())).next().await.unwrap().unwrap();
    assert_eq!((request.request_id.as_str(), request.status_code), (ID, Some(200)));
    assert_eq!(request.json_output, Some(json(&queue::RESULT)));
    let (_server, client) = fal(&platform::BILLING_EVENTS).await;
    let event = client.platform().billing_events(BillingQuery::new()).next().await.unwrap().unwrap();
    assert_eq!((event.request_id.as_str(), event.cost_total), (ID, decimal("0.28")));
    let (_server, client) = fal(&platform::REFUSED).await;
    let error = client.platform().prices(&[endpoint()]).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("Invalid request parameters")), (ErrorKind::Rejected, true));
}
