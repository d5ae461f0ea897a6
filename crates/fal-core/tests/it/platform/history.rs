//! Past requests and figures, what is open to anybody, and refusals.

use fal_core::platform::{AnalyticsQuery, BillingQuery, PastRequest, RequestQuery, RequestStatus, Timeframe};
use fal_core::{ErrorKind, Recovery};
use futures::TryStreamExt;
use serde_json::json;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{asked, fal, flux, time};
use crate::fal_at::{client, endpoint};

#[tokio::test]
async fn past_requests_are_read_with_what_went_in_and_came_out() {
    let body = r#"{"items":[{"request_id":"r-1","endpoint_id":"fal-ai/flux/dev","started_at":"2025-01-01T00:00:05Z",
        "sent_at":"2025-01-01T00:00:01.250","ended_at":"2025-01-01T00:00:08Z","status_code":200,"duration":7.8,
        "json_input":{"prompt":"cat astronaut"},"json_output":{"status":"ok"}},
        {"request_id":"r-2","endpoint_id":"fal-ai/flux/dev","started_at":null,"sent_at":"2025-01-01T00:00:01Z",
        "ended_at":null,"status_code":null,"duration":null,"json_input":null}]}"#;
    let (server, client) = fal("GET", "/v1/models/requests/by-endpoint", body).await;
    let query = RequestQuery::new(&flux())
        .with_start(time("2025-01-01T00:00:00.123456Z"))
        .with_end(time("2025-01-02T00:00:00Z"))
        .with_status(RequestStatus::UserError)
        .with_request("r-1")
        .with_payloads()
        .by_duration()
        .with_page_size(100);
    let items: Vec<PastRequest> = client.platform().requests(query).try_collect().await.unwrap();
    assert_eq!(items[0].sent_at, Some(time("2025-01-01T00:00:01.250Z")));
    assert_eq!((items[0].status_code, items[0].duration_seconds), (Some(200), Some(7.8)));
    assert_eq!(items[0].json_input, Some(json!({ "prompt": "cat astronaut" })));
    assert_eq!(items[0].json_output, Some(json!({ "status": "ok" })));
    assert!(!format!("{items:?}").contains("astronaut"));
    assert_eq!((items[1].started_at, items[1].ended_at, &items[1].json_input), (None, None, &None));
    let expected = [
        "endpoint_id=fal-ai/flux/dev",
        "start=2025-01-01T00:00:00.123Z",
        "end=2025-01-02T00:00:00.000Z",
        "status=user_error",
        "request_id=r-1",
        "expand=payloads",
        "sort_by=duration",
        "limit=100",
    ];
    assert_eq!(asked(&server).await, expected);
}

#[tokio::test]
async fn figures_come_by_the_names_that_were_asked_for() {
    let record = r#"{"endpoint_id":"fal-ai/flux/dev","request_count":1500,"p90_duration":4.8,"note":"new"}"#;
    let series = format!(r#"{{"time_series":[{{"bucket":"2025-01-15T12:00:00Z","results":[{record}]}}]}}"#);
    let (server, client) = fal("GET", "/v1/models/analytics", series).await;
    let query = AnalyticsQuery::new(&flux())
        .with_endpoint(&endpoint())
        .with_start(time("2025-01-15T00:00:00Z"))
        .with_end(time("2025-01-16T00:00:00Z"))
        .with_timeframe(Timeframe::Hour)
        .with_metric("request_count")
        .with_metric("p90_duration");
    let buckets: Vec<_> = client.platform().analytics(query.clone()).try_collect().await.unwrap();
    let figures = &buckets[0].results[0];
    assert_eq!((figures.metric("request_count"), figures.metric("p90_duration")), (Some(1500.0), Some(4.8)));
    assert_eq!((figures.metric("note"), figures.metric("p50_duration")), (None, None));
    let expected = [
        "endpoint_id=fal-ai/flux/dev".to_owned(),
        format!("endpoint_id={}", endpoint()),
        "start=2025-01-15T00:00:00.000Z".to_owned(),
        "end=2025-01-16T00:00:00.000Z".to_owned(),
        "timeframe=hour".to_owned(),
        "expand=time_series".to_owned(),
        "expand=request_count".to_owned(),
        "expand=p90_duration".to_owned(),
    ];
    assert_eq!(asked(&server).await, expected);

    let (server, client) = fal("GET", "/v1/models/analytics", format!(r#"{{"summary":[{record}]}}"#)).await;
    let summary = client.platform().analytics_summary(AnalyticsQuery::new(&flux())).await.unwrap();
    assert_eq!(summary[0].endpoint_id, "fal-ai/flux/dev");
    assert_eq!(asked(&server).await[1..], ["expand=summary", "expand=request_count"]);
}

#[tokio::test]
async fn what_fal_tells_anybody_is_asked_without_the_key() {
    let document = json!({ "openapi": "3.0.4", "info": { "title": "Queue OpenAPI" } });
    let (server, client) = fal("GET", "/api/openapi/queue/openapi.json", document.to_string()).await;
    assert_eq!(client.platform().openapi(&flux()).await.unwrap(), document);
    assert_eq!(asked(&server).await, ["endpoint_id=fal-ai/flux/dev"]);
    assert!(!server.received_requests().await.unwrap()[0].headers.contains_key("authorization"));

    let ranges = json!({ "webhook_ip_ranges": ["34.123.59.101/32", "10.0.0.0/8"], "more": 1 });
    let (server, client) = fal("GET", "/v1/meta", ranges.to_string()).await;
    assert_eq!(client.platform().webhook_ip_ranges().await.unwrap(), ["34.123.59.101/32", "10.0.0.0/8"]);
    assert!(!server.received_requests().await.unwrap()[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_refusal_has_its_kind_its_message_and_its_request_id() {
    for (code, name, kind, sent) in [
        (400, "validation_error", ErrorKind::Rejected, 1),
        (401, "authorization_error", ErrorKind::Unauthorized, 1),
        (403, "authorization_error", ErrorKind::Unauthorized, 1),
        (404, "not_found", ErrorKind::NotFound, 1),
        (429, "rate_limited", ErrorKind::RateLimited, 3),
        (500, "server_error", ErrorKind::Interrupted, 1),
        (503, "server_error", ErrorKind::Interrupted, 3),
    ] {
        let server = MockServer::start().await;
        let body =
            json!({ "error": { "type": name, "message": "Not so.", "docs_url": "https://x", "request_id": "p-1" } });
        let answer = ResponseTemplate::new(code).set_body_json(body);
        Mock::given(method("POST")).respond_with(answer.clone()).mount(&server).await;
        Mock::given(method("GET")).respond_with(answer).mount(&server).await;
        let platform = client(&server.uri()).platform();
        let read = platform.billing_events(BillingQuery::new()).try_next().await.unwrap_err();
        let posted = platform.estimate_calls(&[(flux(), 1)]).await.unwrap_err();
        for error in [read, posted] {
            assert_eq!((error.kind(), error.request_id()), (kind, Some("p-1")), "{code}");
            assert_eq!(error.to_string(), format!("fal answered {code} ({name}): Not so."));
            let later = matches!(kind, ErrorKind::RateLimited | ErrorKind::Interrupted);
            assert_eq!(error.recovery(), if later { Recovery::Later } else { Recovery::Never });
        }
        assert_eq!(server.received_requests().await.unwrap().len(), 2 * sent, "{code}: all calls are safe to repeat");
    }
}
