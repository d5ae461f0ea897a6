//! Billing events.

use fal_emulator::Fault;
use serde_json::{Value, json};

use super::{Platform, bare, failed, id, input, list};
use crate::client::{HAILUO, KLING};
use crate::storage::{DAY, HOUR, pass};

const PATH: &str = "/v1/models/billing-events";

impl Platform {
    async fn events(&self, query: &str) -> Vec<Value> {
        list(&self.get(&format!("{PATH}?{query}")).await, "billing_events")
    }
}

#[tokio::test]
async fn each_paid_request_has_one_event_with_its_exact_cost() {
    let platform = Platform::start().await;
    platform.make_with(failed()).await;
    platform.make_with(Fault::ContentPolicy).await;
    platform.begin_endless().await;
    let mut asked = input("odd units");
    asked["resolution"] = "512P".into();
    let submitted = platform.caller.submit(&platform.emulator, HAILUO, &asked).await;
    platform.caller.completed(&submitted).await;

    let events = platform.events("").await;
    let [event] = events.as_slice() else { panic!("only what ended and cost something: {events:?}") };
    let mut expected = json!({
        "request_id": id(&submitted),
        "endpoint_id": HAILUO,
        "output_units": 2.26666667,
        "unit_price": 0.045,
        "percent_discount": null,
        "cost_subtotal": 0.102,
        "cost_discount": 0,
        "cost_total": 0.102,
        "cost_estimate_nano_usd": 102_000_000,
    });
    expected["timestamp"] = event["timestamp"].clone();
    assert_eq!(*event, expected);
    assert!(event["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')));
}

#[tokio::test]
async fn events_are_found_by_request_endpoint_key_and_period() {
    let platform = Platform::start().await;
    let (first, second) = (id(&platform.make("first").await), id(&platform.make("second").await));
    let of = async |query: &str| platform.events(query).await.iter().map(id).collect::<Vec<_>>();
    assert_eq!(of("").await, [&*second, &*first], "the newest first");
    assert_eq!(of(&format!("request_id={first}")).await, [&*first]);
    assert_eq!(of(&format!("request_id={first},{second}&endpoint_id={KLING}")).await.len(), 2);
    assert!(of(&format!("endpoint_id={HAILUO}")).await.is_empty());
    assert_eq!(of("api_key_id=key-id").await.len(), 2);
    assert!(of("api_key_id=other").await.is_empty());
    assert!(of("login_username=someone").await.is_empty(), "nobody logs in");
    assert_eq!(of("limit=1&cursor=Mg==").await, [&*first]);
    pass(DAY).await;
    assert!(of("").await.is_empty());
    let now = jiff::Timestamp::now();
    assert_eq!(of(&format!("start={}&end={now}", now - HOUR)).await.len(), 2);
}

#[tokio::test]
async fn an_event_tells_of_its_key_where_asked() {
    let platform = Platform::start().await;
    platform.make("first").await;
    let event = &platform.events("expand=auth_method&expand=auth_method_structured").await[0];
    assert_eq!(event["auth_method"], "API Key");
    assert_eq!(event["auth_method_structured"], json!({ "detail": "API Key", "api_key_id": "key-id" }));
    assert!(!event.to_string().contains("key-secret"));
    assert!(platform.events("").await[0].get("auth_method").is_none());
}

#[tokio::test]
async fn a_late_history_bills_late() {
    let platform = Platform::of(bare().history_lag(HOUR)).await;
    platform.make("first").await;
    assert!(platform.events("").await.is_empty());
    pass(HOUR).await;
    assert_eq!(platform.events("").await.len(), 1);
}

#[tokio::test]
async fn more_than_ninety_days_or_fifty_requests_are_refused() {
    let platform = Platform::start().await;
    let ids = format!("request_id={}", ["a"; 51].join(","));
    for wrong in ["start=2026-01-01&end=2026-04-02", &ids, "expand=everything", "start=soon"] {
        platform.assert_refused(&format!("{PATH}?{wrong}"), 400, "validation_error").await;
    }
    assert!(platform.events("start=2026-01-01&end=2026-04-01").await.is_empty());
    platform.assert_refused(&format!("{PATH}?endpoint_id=fal-ai/none"), 404, "not_found").await;
    platform.assert_wants_a_key(PATH).await;
}
