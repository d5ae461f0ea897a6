//! What a submit says besides its input.

use std::time::Duration;

use fal_core::{Error, ErrorKind, FalApi, FileAccess, HostClass, ObjectLifecycle, RequestOptions, ServerRetries};
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::fal_at::{client, endpoint, input};

/// The one request that a submit with these options is.
async fn sent(options: RequestOptions) -> Result<Request, Error> {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_json(json!({ "request_id": "r-1" }));
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let submitted = client(&server.uri()).submit(&endpoint(), &input(), &options).await;
    let mut requests = server.received_requests().await.unwrap();
    submitted.map(|_| requests.remove(0)).inspect_err(|_| assert!(requests.is_empty(), "a mistake costs nothing"))
}

/// fal's own headers of a request, by name.
fn fal_headers(request: &Request) -> Vec<(String, String)> {
    let names = request.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-"));
    let mut headers: Vec<_> =
        names.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    headers
}

#[tokio::test]
async fn by_default_nothing_is_asked_for() {
    let request = sent(RequestOptions::new()).await.unwrap();
    assert_eq!((request.url.query(), fal_headers(&request)), (None, vec![]));
}

#[tokio::test]
async fn every_option_is_a_header_or_a_parameter_of_fals() {
    let webhook = "https://hooks.example/fal/a?b=c&d=ü".parse().unwrap();
    let lifecycle = ObjectLifecycle::new()
        .with_expiration(Duration::from_secs(86_400))
        .with_default_access(FileAccess::Forbid)
        .with_access("user|1", FileAccess::Allow);
    let options = RequestOptions::new()
        .with_webhook(webhook)
        .with_max_queue_length(7)
        .with_low_priority()
        .with_server_retries(ServerRetries::None)
        .with_start_timeout(Duration::from_millis(90_500))
        .with_runner_hint("scene-4")
        .without_stored_payloads()
        .with_object_lifecycle(lifecycle)
        .without_fallback()
        .with_tag("team", "film")
        .with_tag("attempt", "0192f3a1")
        .with_header(HeaderName::from_static("x-studio"), HeaderValue::from_static("7"));
    let request = sent(options).await.unwrap();
    let query: Vec<_> = request.url.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let webhook = pair("fal_webhook", "https://hooks.example/fal/a?b=c&d=%C3%BC");
    assert_eq!(query, [webhook, pair("fal_max_queue_length", "7")]);
    let mut headers = fal_headers(&request);
    let life = headers.remove(headers.iter().position(|(name, _)| name.contains("lifecycle")).unwrap());
    assert_eq!(life.0, "x-fal-object-lifecycle-preference");
    let acl = json!({ "default": "forbid", "rules": [{ "user": "user|1", "decision": "allow" }] });
    let wish = json!({ "expiration_duration_seconds": 86_400, "initial_acl": acl });
    assert_eq!(serde_json::from_str::<Value>(&life.1).unwrap(), wish);
    let expected = [
        ("x-app-fal-disable-fallback", "true"),
        ("x-fal-no-retry", "1"),
        ("x-fal-queue-priority", "low"),
        ("x-fal-request-start-timeout", "90.5"),
        ("x-fal-request-timeout", "90.5"),
        ("x-fal-runner-hint", "scene-4"),
        ("x-fal-store-io", "0"),
        ("x-fal-tags", "team=film,attempt=0192f3a1"),
        ("x-studio", "7"),
    ];
    assert_eq!(headers, expected.map(|(name, value)| pair(name, value)));
    assert_eq!(request.body, input().to_string().into_bytes());
}

#[tokio::test]
async fn fals_own_retries_can_be_set_for_each_kind_of_failure() {
    let retries = ServerRetries::Each { server_error: Some(3), timeout: Some(0), connection_error: None };
    let request = sent(RequestOptions::new().with_server_retries(retries)).await.unwrap();
    let [(name, config)] = &fal_headers(&request)[..] else { panic!("one header") };
    assert_eq!(name, "x-fal-retry-config");
    let expected = json!({ "server_error": { "retries": 3 }, "timeout": { "retries": 0 } });
    assert_eq!(serde_json::from_str::<Value>(config).unwrap(), expected);
}

#[tokio::test]
async fn mistakes_are_found_before_anything_is_sent() {
    let header = |name: &'static str| (HeaderName::from_static(name), HeaderValue::from_static("x"));
    let with_header = |name| RequestOptions::new().with_header(header(name).0, header(name).1);
    for (options, what) in [
        (RequestOptions::new().with_start_timeout(Duration::from_secs(1)), "the start timeout"),
        (RequestOptions::new().with_runner_hint("a\nb"), "the runner hint"),
        (RequestOptions::new().with_tag("Team", "film"), "the key of a tag"),
        (RequestOptions::new().with_tag("team", "a,b"), "the value of a tag"),
        (with_header("authorization"), "the header authorization"),
        (with_header("content-type"), "the header content-type"),
    ] {
        let error = sent(options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().starts_with(what), "{error}");
    }
}

#[tokio::test]
async fn a_direct_call_refuses_what_is_for_the_queue() {
    let client = client("http://127.0.0.1:1");
    let hosts = client.hosts().clone().with(HostClass::Run, "http://127.0.0.1:1");
    assert!(hosts.is_ok());
    for options in [
        RequestOptions::new().with_webhook("https://hooks.example".parse().unwrap()),
        RequestOptions::new().with_max_queue_length(1),
        RequestOptions::new().with_low_priority(),
        RequestOptions::new().with_server_retries(ServerRetries::None),
    ] {
        let error = client.run(&endpoint(), &input(), &options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{options:?}");
        assert!(client.stream(&endpoint(), &input(), &options).await.is_err());
    }
}
