//! The platform API: what is asked, and what is read from the answers.

use fal_core::platform::{
    AnalyticsQuery, BillingQuery, EnterpriseStatus, EstimateType, LicenseType, Model, ModelKind, ModelQuery,
    ModelStatus, PastRequest, RequestQuery, RequestStatus, Timeframe, UsageQuery,
};
use fal_core::{EndpointId, Error, ErrorKind, FalClient, Recovery};
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use wiremock::matchers::{method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::fal_at::{client, endpoint};

/// A fal that answers this path with this body.
async fn fal(verb: &str, address: &str, body: impl Into<String>) -> (MockServer, FalClient) {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_raw(body.into(), "application/json");
    Mock::given(method(verb)).and(path(address)).respond_with(answer).mount(&server).await;
    let client = client(&server.uri());
    (server, client)
}

/// The names and values behind the question mark of the only request.
async fn asked(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests[0].url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect()
}

fn has_key(request: &Request) -> bool {
    request.headers.get("authorization").is_some_and(|key| key == "Key key-id:s3cret")
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn flux() -> EndpointId {
    "fal-ai/flux/dev".parse().unwrap()
}

const MODEL: &str = r#"{"endpoint_id":"fal-ai/flux/dev","metadata":{"display_name":"FLUX.1 [dev]",
    "category":"text-to-image","description":"Fast","status":"active","tags":["fast","pro"],
    "updated_at":"2025-01-15T12:00:00Z","is_favorited":null,"thumbnail_url":"https://fal.media/x.jpg",
    "model_url":"https://fal.run/fal-ai/flux/dev","date":"2024-08-01T00:00:00Z","highlighted":false,"pinned":false,
    "license_type":"commercial","kind":"inference","group":{"key":"flux","label":"FLUX"},"duration_estimate":0.5},
    "openapi":{"openapi":"3.0.4","paths":{}},"enterprise_status":"ready"}"#;

async fn only_model(model: &str) -> Model {
    let (_server, client) = fal("GET", "/v1/models", format!(r#"{{"models":[{model}],"has_more":false}}"#)).await;
    client.platform().models(ModelQuery::new()).try_next().await.unwrap().unwrap()
}

#[tokio::test]
async fn a_model_is_read_with_all_that_is_known_of_it() {
    let model = only_model(MODEL).await;
    assert_eq!(model.endpoint_id, "fal-ai/flux/dev");
    assert_eq!(model.openapi.unwrap().found().unwrap()["openapi"], "3.0.4");
    assert_eq!(model.enterprise_status.unwrap().found(), Some(&EnterpriseStatus::Ready));
    let metadata = model.metadata.unwrap();
    assert_eq!(metadata.display_name.as_deref(), Some("FLUX.1 [dev]"));
    assert_eq!((metadata.status, metadata.kind), (Some(ModelStatus::Active), Some(ModelKind::Inference)));
    assert_eq!((metadata.license_type, metadata.tags.len()), (Some(LicenseType::Commercial), 2));
    assert_eq!(metadata.updated_at, Some(time("2025-01-15T12:00:00Z")));
    assert_eq!(metadata.created_at, Some(time("2024-08-01T00:00:00Z")));
    assert_eq!((metadata.duration_estimate_minutes, metadata.is_favorited), (Some(0.5), None));
    assert_eq!(metadata.group.unwrap().label, "FLUX");
}

#[tokio::test]
async fn what_fal_leaves_out_or_adds_does_no_harm() {
    let bare = only_model(r#"{"endpoint_id":"a/b"}"#).await;
    assert!(bare.metadata.is_none() && bare.openapi.is_none() && bare.enterprise_status.is_none());
    let odd = r#"{"endpoint_id":"a/b","new":1,"metadata":{"status":"retired","tags":null,"updated_at":"lately",
        "kind":"editing","license_type":"public","more":{}},"enterprise_status":"soon",
        "openapi":{"error":{"code":"expansion_failed","message":"No."}}}"#;
    let odd = only_model(odd).await;
    assert_eq!(odd.openapi.unwrap().found(), None);
    assert_eq!(odd.enterprise_status.unwrap().found(), Some(&EnterpriseStatus::Other("soon".to_owned())));
    let metadata = odd.metadata.unwrap();
    assert_eq!(metadata.status, Some(ModelStatus::Other("retired".to_owned())));
    assert_eq!(metadata.kind, Some(ModelKind::Other("editing".to_owned())));
    assert_eq!(metadata.license_type, Some(LicenseType::Other("public".to_owned())));
    assert_eq!((metadata.tags.len(), metadata.updated_at), (0, None));
}

#[tokio::test]
async fn models_are_asked_for_by_all_that_fal_can_filter_by() {
    let (server, client) = fal("GET", "/v1/models", r#"{"models":[]}"#).await;
    let query = ModelQuery::new()
        .with_endpoint(&flux())
        .with_endpoint(&endpoint())
        .with_text("slow zoom & pan")
        .with_category("image-to-video")
        .with_status(&ModelStatus::Deprecated)
        .with_status(&ModelStatus::Active)
        .with_openapi()
        .with_enterprise_status()
        .with_page_size(20);
    assert!(client.platform().models(query).try_next().await.unwrap().is_none());
    let expected = [
        "endpoint_id=fal-ai/flux/dev".to_owned(),
        format!("endpoint_id={}", endpoint()),
        "q=slow zoom & pan".to_owned(),
        "category=image-to-video".to_owned(),
        "status=active".to_owned(),
        "expand=openapi-3.0".to_owned(),
        "expand=enterprise_status".to_owned(),
        "limit=20".to_owned(),
    ];
    assert_eq!(asked(&server).await, expected);
    assert!(has_key(&server.received_requests().await.unwrap()[0]));
}

#[tokio::test]
async fn pages_are_asked_for_as_they_are_needed_until_the_last() {
    let server = MockServer::start().await;
    let page = |names: [&str; 2], next: Option<&str>| {
        let models = names.map(|name| json!({ "endpoint_id": name }));
        ResponseTemplate::new(200)
            .set_body_json(json!({ "models": models, "next_cursor": next, "has_more": next.is_some() }))
    };
    let on = || Mock::given(path("/v1/models")).and(query_param("category", "image-to-video"));
    on().and(query_param_is_missing("cursor")).respond_with(page(["a/1", "a/2"], Some("Mg=="))).mount(&server).await;
    on().and(query_param("cursor", "Mg==")).respond_with(page(["a/3", "a/4"], Some("M+w/"))).mount(&server).await;
    on().and(query_param("cursor", "M+w/")).respond_with(page(["a/5", "a/6"], None)).mount(&server).await;
    let platform = client(&server.uri()).platform();
    let models = || platform.models(ModelQuery::new().with_category("image-to-video"));

    let two: Vec<_> = models().take(2).collect().await;
    assert_eq!((two.len(), server.received_requests().await.unwrap().len()), (2, 1));
    let all: Vec<Model> = models().try_collect().await.unwrap();
    assert_eq!(all.iter().map(|model| &model.endpoint_id[2..]).collect::<String>(), "123456");
    assert_eq!(server.received_requests().await.unwrap().len(), 4);
}

#[tokio::test]
async fn half_a_list_never_passes_for_the_whole() {
    for body in [
        r#"{"models":[],"has_more":true}"#,
        r#"{"models":[],"has_more":true,"next_cursor":null}"#,
        r#"{"models":[],"has_more":true,"next_cursor":""}"#,
        r#"{"models":[],"has_more":true,"next_cursor":"same"}"#,
        r#"{"models":[],"next_cursor":7}"#,
        r#"{"has_more":false}"#,
        r#"{"models":[{}]}"#,
        "[]",
        "<html>",
        "",
    ] {
        let (server, client) = fal("GET", "/v1/models", body).await;
        let result: Result<Vec<Model>, Error> = client.platform().models(ModelQuery::new()).try_collect().await;
        assert_eq!(result.unwrap_err().kind(), ErrorKind::UnexpectedAnswer, "{body}");
        assert!(server.received_requests().await.unwrap().len() <= 2, "{body}");
    }
}

#[tokio::test]
async fn a_list_ends_where_fal_says_so() {
    for body in [r#"{"models":null}"#, r#"{"models":[]}"#, r#"{"models":[],"has_more":false,"next_cursor":"x"}"#] {
        let (server, client) = fal("GET", "/v1/models", body).await;
        let models: Vec<Model> = client.platform().models(ModelQuery::new()).try_collect().await.unwrap();
        assert_eq!((models.len(), server.received_requests().await.unwrap().len()), (0, 1), "{body}");
    }
}

#[tokio::test]
async fn prices_are_exact() {
    let body = r#"{"prices":[{"endpoint_id":"a/b","unit_price":0.025,"unit":"image","currency":"USD"},
        {"endpoint_id":"a/c","unit_price":0.30000000000000004,"unit":"second","currency":"USD","more":1},
        {"endpoint_id":"a/d","unit_price":5.6e-05,"unit":"compute second","currency":"EUR"}],
        "next_cursor":null,"has_more":false}"#;
    let (server, client) = fal("GET", "/v1/models/pricing", body).await;
    let prices = client.platform().prices(&[flux(), endpoint()]).await.unwrap();
    let exact: Vec<_> = prices.iter().map(|price| price.unit_price).collect();
    assert_eq!(exact, [decimal("0.025"), decimal("0.30000000000000004"), decimal("0.000056")]);
    assert_eq!((prices[2].unit.as_str(), prices[2].currency.as_str()), ("compute second", "EUR"));
    let expected = ["endpoint_id=fal-ai/flux/dev".to_owned(), format!("endpoint_id={}", endpoint())];
    assert_eq!(asked(&server).await, expected);
}

#[tokio::test]
async fn prices_of_many_models_are_asked_for_fifty_at_a_time() {
    let (server, client) = fal("GET", "/v1/models/pricing", r#"{"prices":[]}"#).await;
    let many: Vec<EndpointId> = (0..101).map(|number| format!("a/m{number}").parse().unwrap()).collect();
    client.platform().prices(&many).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let sizes: Vec<_> = requests.iter().map(|request| request.url.query_pairs().count()).collect();
    assert_eq!(sizes, [50, 50, 1]);
    client.platform().prices(&[]).await.unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 3, "for no models nothing is asked");
}

#[tokio::test]
async fn a_price_that_cannot_be_read_is_an_error_and_never_zero() {
    for price in ["null", "true", r#""free""#, "{}", "1e999"] {
        let entry = format!(r#"{{"endpoint_id":"a/b","unit_price":{price},"unit":"image","currency":"USD"}}"#);
        let (_server, client) = fal("GET", "/v1/models/pricing", format!(r#"{{"prices":[{entry}]}}"#)).await;
        let error = client.platform().prices(&[flux()]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedAnswer, "{price}");
    }
}

#[tokio::test]
async fn an_estimate_is_asked_for_by_calls_and_by_units() {
    let answer = |kind: &str| format!(r#"{{"estimate_type":"{kind}","total_cost":3.750,"currency":"USD"}}"#);
    let (server, client) = fal("POST", "/v1/models/pricing/estimate", answer("historical_api_price")).await;
    let estimate = client.platform().estimate_calls(&[(flux(), 100), (endpoint(), 2), (flux(), 1)]).await.unwrap();
    assert_eq!(estimate.estimate_type, EstimateType::HistoricalApiPrice);
    assert_eq!((estimate.total_cost.to_string().as_str(), estimate.currency.as_str()), ("3.750", "USD"));
    let requests = server.received_requests().await.unwrap();
    let body: Value = requests[0].body_json().unwrap();
    let calls = json!({ "fal-ai/flux/dev": { "call_quantity": 101 }, endpoint().as_str(): { "call_quantity": 2 } });
    assert_eq!(body, json!({ "estimate_type": "historical_api_price", "endpoints": calls }));
    assert!(has_key(&requests[0]) && requests[0].headers["content-type"] == "application/json");

    let (server, client) = fal("POST", "/v1/models/pricing/estimate", answer("guess")).await;
    let units = [(flux(), decimal("0.30000000000000004"))];
    let estimate = client.platform().estimate_units(&units).await.unwrap();
    assert_eq!(estimate.estimate_type, EstimateType::Other("guess".to_owned()));
    let sent = String::from_utf8(server.received_requests().await.unwrap()[0].body.clone()).unwrap();
    let expected = r#"{"fal-ai/flux/dev":{"unit_quantity":0.30000000000000004}}"#;
    assert_eq!(sent, format!(r#"{{"estimate_type":"unit_price","endpoints":{expected}}}"#));
}

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
async fn billing_events_are_exact_and_may_have_no_units() {
    let body = r#"{"billing_events":[{"request_id":"r-1","endpoint_id":"a/b","timestamp":"2025-01-15T10:30:45Z",
        "output_units":2,"unit_price":0.025,"percent_discount":10,"cost_subtotal":0.05,"cost_discount":0.005,
        "cost_total":0.045,"cost_estimate_nano_usd":45000000,"auth_method":"Key 1"},
        {"request_id":"r-2","endpoint_id":"a/b","timestamp":"2025-01-15T10:30:45Z","output_units":null,
        "unit_price":null,"percent_discount":null,"cost_subtotal":0,"cost_discount":0,"cost_total":0,
        "cost_estimate_nano_usd":0}],"next_cursor":null,"has_more":false}"#;
    let (server, client) = fal("GET", "/v1/models/billing-events", body).await;
    let query = BillingQuery::new()
        .with_start(time("2025-01-15T00:00:00Z"))
        .with_end(time("2025-01-16T00:00:00Z"))
        .with_endpoint(&flux())
        .with_request("r-1")
        .with_request("r-2")
        .with_auth_method()
        .with_page_size(10_000);
    let events: Vec<_> = client.platform().billing_events(query).try_collect().await.unwrap();
    assert_eq!((events[0].cost_total, events[0].output_units), (decimal("0.045"), Some(decimal("2"))));
    assert_eq!((events[0].cost_subtotal, events[0].cost_discount), (Some(decimal("0.05")), Some(decimal("0.005"))));
    assert_eq!(
        (events[0].cost_estimate_nano_usd, events[0].unit_price),
        (Some(decimal("45000000")), Some(decimal("0.025")))
    );
    assert_eq!((events[0].auth_method.as_deref(), events[0].percent_discount), (Some("Key 1"), Some(decimal("10"))));
    assert_eq!((events[1].output_units, events[1].unit_price, events[1].cost_total), (None, None, Decimal::ZERO));
    let expected = [
        "start=2025-01-15T00:00:00.000Z",
        "end=2025-01-16T00:00:00.000Z",
        "endpoint_id=fal-ai/flux/dev",
        "request_id=r-1",
        "request_id=r-2",
        "expand=auth_method",
        "limit=10000",
    ];
    assert_eq!(asked(&server).await, expected);
}

#[tokio::test]
async fn usage_comes_by_stretches_of_time_or_added_up() {
    let record = r#"{"endpoint_id":"fal-ai/flux/dev","unit":"image","quantity":4,"unit_price":0.1,"percent_discount":20,
        "cost_subtotal":0.4,"cost_discount":0.08,"cost_total":0.32,"cost":0.32,"currency":"USD"}"#;
    let series = format!(r#"{{"time_series":[{{"bucket":"2025-01-15T00:00:00-05:00","results":[{record}]}}]}}"#);
    let (server, client) = fal("GET", "/v1/models/usage", series).await;
    let query = UsageQuery::new()
        .with_start(time("2025-01-15T00:00:00Z"))
        .with_end(time("2025-01-16T00:00:00Z"))
        .with_timeframe(Timeframe::Day)
        .with_endpoint(&flux());
    let buckets: Vec<_> = client.platform().usage(query.clone()).try_collect().await.unwrap();
    assert_eq!(buckets[0].begins, time("2025-01-15T05:00:00Z"));
    assert_eq!((buckets[0].results[0].cost_total, buckets[0].results[0].quantity), (decimal("0.32"), decimal("4")));
    let expected = [
        "start=2025-01-15T00:00:00.000Z",
        "end=2025-01-16T00:00:00.000Z",
        "timeframe=day",
        "endpoint_id=fal-ai/flux/dev",
        "expand=time_series",
    ];
    assert_eq!(asked(&server).await, expected);

    let (server, client) =
        fal("GET", "/v1/models/usage", format!(r#"{{"time_series":[],"summary":[{record}]}}"#)).await;
    let summary = client.platform().usage_summary(query).await.unwrap();
    assert_eq!((summary.len(), summary[0].percent_discount), (1, Some(decimal("20"))));
    assert_eq!(asked(&server).await.last().unwrap(), "expand=summary");
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
