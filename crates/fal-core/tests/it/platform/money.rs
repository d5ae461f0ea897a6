//! Prices, estimates, billing and usage: exact.

use fal_core::platform::{BillingQuery, EstimateType, Timeframe, UsageQuery};
use fal_core::{EndpointId, ErrorKind};
use futures::TryStreamExt;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{asked, decimal, fal, flux, has_key, time};
use crate::fal_at::endpoint;

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
