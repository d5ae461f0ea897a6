//! Finding a submit whose answer was lost.

use std::time::Duration;

use fal_core::webhook::WebhookVerifier;
use fal_core::{ErrorKind, FalApi, LostSubmit, Rescue};
use jiff::Timestamp;
use serde_json::{Value, json};
use wiremock::matchers::{any, method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fal_at::{client, endpoint, input};
use crate::signer::{self, Signer, jwks};

const HISTORY: &str = "/v1/models/requests/by-endpoint";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Sent between 12:00:00 and 12:00:30.
fn lost() -> LostSubmit {
    LostSubmit::new(endpoint(), input(), time("2026-01-01T12:00:00Z"), time("2026-01-01T12:00:30Z"))
}

fn now() -> Timestamp {
    time("2026-01-01T12:10:00Z")
}

fn item(id: &str, sent_at: &str, input: &Value) -> Value {
    json!({ "request_id": id, "endpoint_id": endpoint().as_str(), "started_at": sent_at, "sent_at": sent_at,
        "ended_at": null, "status_code": null, "json_input": input, "json_output": null })
}

fn page(items: &[Value], next: Option<&str>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "items": items, "next_cursor": next, "has_more": next.is_some() }))
}

/// What becomes of the lost submit when this is fal's history.
async fn rescued_as(lost: &LostSubmit, history: &[Value]) -> Rescue {
    let server = MockServer::start().await;
    Mock::given(method("GET")).and(path(HISTORY)).respond_with(page(history, None)).mount(&server).await;
    client(&server.uri()).rescue(lost, now()).await
}

fn found(rescue: &Rescue) -> Option<&str> {
    if let Rescue::Found(handle) = rescue { Some(&handle.request_id) } else { None }
}

fn ambiguous(rescue: &Rescue) -> Option<Vec<&str>> {
    if let Rescue::Ambiguous(ids) = rescue { Some(ids.iter().map(String::as_str).collect()) } else { None }
}

#[tokio::test]
async fn the_request_with_the_same_input_at_that_time_is_found_and_can_be_used() {
    let server = MockServer::start().await;
    let mut rewritten = input();
    rewritten["seed"] = json!(7.0);
    let mut other = input();
    other["prompt"] = json!("fast zoom out");
    let history = [
        item("r-other", "2026-01-01T12:00:05Z", &other),
        item("r-1", "2026-01-01T12:00:05Z", &rewritten),
        item("r-seedless", "2026-01-01T12:00:05Z", &input()),
    ];
    Mock::given(method("GET")).and(path(HISTORY)).respond_with(page(&history, None)).mount(&server).await;
    let client = client(&server.uri());
    let mut sent = input();
    sent["seed"] = json!(7);
    let lost = LostSubmit::new(endpoint(), sent, time("2026-01-01T12:00:00Z"), time("2026-01-01T12:00:30Z"));
    let Rescue::Found(handle) = client.rescue(&lost, now()).await else { panic!("it is there") };
    assert_eq!(handle, client.handle(&endpoint(), "r-1").unwrap());

    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    let asked: Vec<_> = requests[0].url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    let by_endpoint = format!("endpoint_id={}", endpoint());
    assert_eq!(asked, [&by_endpoint, "start=2026-01-01T11:58:00.000Z", "expand=payloads"]);
}

#[tokio::test]
async fn all_pages_are_read_before_anything_is_said() {
    let server = MockServer::start().await;
    let ours = item("r-1", "2026-01-01T12:00:05Z", &input());
    let twin = item("r-2", "2026-01-01T12:00:06Z", &input());
    let other = item("r-0", "2026-01-01T12:00:07Z", &json!({ "prompt": "another" }));
    let on = || Mock::given(method("GET")).and(path(HISTORY));
    let first = page(&[ours.clone(), other], Some("2"));
    on().and(query_param_is_missing("cursor")).respond_with(first).mount(&server).await;
    // A request that ended in the meantime has moved all others on: one comes again.
    on().and(query_param("cursor", "2")).respond_with(page(&[ours], Some("3"))).mount(&server).await;
    on().and(query_param("cursor", "3")).respond_with(page(&[], None)).up_to_n_times(1).mount(&server).await;
    let client = client(&server.uri());
    assert_eq!(found(&client.rescue(&lost(), now()).await), Some("r-1"));

    on().and(query_param("cursor", "3")).respond_with(page(&[twin], None)).mount(&server).await;
    assert_eq!(ambiguous(&client.rescue(&lost(), now()).await), Some(vec!["r-1", "r-2"]));
    assert_eq!(server.received_requests().await.unwrap().len(), 6);
}

#[tokio::test]
async fn twins_are_told_apart_by_the_requests_that_belong_to_others() {
    let twins = [item("r-1", "2026-01-01T12:00:05Z", &input()), item("r-2", "2026-01-01T12:00:06Z", &input())];
    assert_eq!(ambiguous(&rescued_as(&lost(), &twins).await), Some(vec!["r-1", "r-2"]));
    assert_eq!(found(&rescued_as(&lost().without(["r-1"]), &twins).await), Some("r-2"));
    let neither = rescued_as(&lost().without(["r-1"]).without(["r-2"]), &twins).await;
    assert!(matches!(neither, Rescue::NotFound { looked_until } if looked_until == now()), "{neither:?}");
}

#[tokio::test]
async fn the_time_counts_with_the_margin_of_two_clocks() {
    for (sent_at, expected) in [
        ("2026-01-01T11:57:59Z", "not found"),
        ("2026-01-01T11:58:00Z", "found"),
        ("2026-01-01T12:02:30Z", "found"),
        ("2026-01-01T12:02:31Z", "ambiguous"),
        ("2026-01-01T12:09:00Z", "ambiguous"),
    ] {
        let rescue = rescued_as(&lost(), &[item("r-1", sent_at, &input())]).await;
        let outcome = match &rescue {
            Rescue::Found(_) => "found",
            Rescue::Ambiguous(ids) if ids == &["r-1"] => "ambiguous",
            Rescue::NotFound { .. } => "not found",
            _ => panic!("{rescue:?}"),
        };
        assert_eq!(outcome, expected, "{sent_at}");
    }
    let strict = lost().with_margin(Duration::ZERO);
    let before = rescued_as(&strict, &[item("r-1", "2026-01-01T11:59:59Z", &input())]).await;
    assert!(matches!(before, Rescue::NotFound { .. }), "{before:?}");
}

#[tokio::test]
async fn a_request_whose_input_is_gone_may_be_it() {
    let mut bare = item("r-1", "2026-01-01T12:00:05Z", &Value::Null);
    assert_eq!(ambiguous(&rescued_as(&lost(), &[bare.clone()]).await), Some(vec!["r-1"]));
    bare.as_object_mut().unwrap().remove("json_input");
    assert_eq!(ambiguous(&rescued_as(&lost(), &[bare.clone()]).await), Some(vec!["r-1"]));
    // Certainty outweighs it, and another time rules it out.
    let certain = item("r-2", "2026-01-01T12:00:05Z", &input());
    assert_eq!(found(&rescued_as(&lost(), &[bare, certain]).await), Some("r-2"));
    let later = item("r-1", "2026-01-01T12:09:00Z", &Value::Null);
    assert!(matches!(rescued_as(&lost(), &[later]).await, Rescue::NotFound { .. }));
}

#[tokio::test]
async fn a_history_that_cannot_be_read_to_its_end_proves_nothing() {
    let ours = item("r-1", "2026-01-01T12:00:05Z", &input());
    for (second, kind) in [
        (ResponseTemplate::new(500), ErrorKind::Interrupted),
        (ResponseTemplate::new(403), ErrorKind::Unauthorized),
        (ResponseTemplate::new(200).set_body_string("<html>"), ErrorKind::UnexpectedAnswer),
        (page(&[], Some("2")), ErrorKind::UnexpectedAnswer),
    ] {
        let server = MockServer::start().await;
        let on = || Mock::given(method("GET")).and(path(HISTORY));
        on().and(query_param("cursor", "2")).respond_with(second).mount(&server).await;
        let first = page(std::slice::from_ref(&ours), Some("2"));
        on().and(query_param_is_missing("cursor")).respond_with(first).mount(&server).await;
        let rescue = client(&server.uri()).rescue(&lost(), now()).await;
        assert!(matches!(&rescue, Rescue::Unavailable(error) if error.kind() == kind), "{kind:?} {rescue:?}");
    }
}

#[tokio::test]
async fn an_id_that_could_lead_elsewhere_is_not_followed() {
    let rescue = rescued_as(&lost(), &[item("../../admin", "2026-01-01T12:00:05Z", &input())]).await;
    assert!(matches!(rescue, Rescue::Unavailable(_)), "{rescue:?}");
}

#[tokio::test]
async fn nothing_is_ever_submitted_and_no_prompt_is_shown() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(page(&[], None)).mount(&server).await;
    let rescue = client(&server.uri()).rescue(&lost(), now()).await;
    assert!(matches!(rescue, Rescue::NotFound { .. }));
    for request in server.received_requests().await.unwrap() {
        assert_eq!((request.method.as_str(), request.url.path()), ("GET", HISTORY));
    }
    assert!(!format!("{:?} {rescue:?}", lost()).contains("slow zoom"));
}

#[tokio::test]
async fn a_delivery_at_the_url_of_the_attempt_is_certain() {
    let body = json!({ "request_id": "r-1", "gateway_request_id": "g-1", "status": "OK", "payload": {} }).to_string();
    let verifier = WebhookVerifier::new(jwks(&[Signer::new(1)]).to_string().as_bytes()).unwrap();
    let verifier = verifier.with_clock(signer::now);
    let event = verifier.verify(Signer::new(1).sign(body.as_bytes()), body.as_bytes()).await.unwrap();
    let client = client("http://127.0.0.1:1");
    let rescue = Rescue::from_webhook(&client, &endpoint(), &event);
    assert!(matches!(&rescue, Rescue::Found(handle) if *handle == client.handle(&endpoint(), "r-1").unwrap()));
}
