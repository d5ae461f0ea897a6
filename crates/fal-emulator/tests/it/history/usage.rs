//! What was used, added up.

use serde_json::{Value, json};

use super::{Platform, failed, input, list};
use crate::client::{HAILUO, KLING};
use crate::storage::{DAY, pass};

const PATH: &str = "/v1/models/usage";

fn kling(requests: u32) -> Value {
    let cost = [0.0, 0.28, 0.56][requests as usize];
    json!({
        "endpoint_id": KLING,
        "unit": "seconds",
        "quantity": 5 * requests,
        "unit_price": 0.056,
        "percent_discount": null,
        "cost_subtotal": cost,
        "cost_discount": 0,
        "cost_total": cost,
        "cost": cost,
        "currency": "USD",
    })
}

#[tokio::test]
async fn bills_are_added_up_by_endpoint_for_each_day_and_in_all() {
    let platform = Platform::start().await;
    platform.make("first").await;
    platform.make_with(failed()).await;
    pass(DAY).await;
    platform.make("second").await;
    let submitted = platform.caller.submit(&platform.emulator, HAILUO, &input("third")).await;
    platform.caller.completed(&submitted).await;

    let path = format!("{PATH}?start=2020-01-01&timeframe=day&expand=time_series&expand=summary");
    let usage = platform.get(&path).await;
    let days = list(&usage, "time_series");
    assert_eq!(days.len(), 2, "days without a bill are left out");
    assert_eq!(days[0]["results"], json!([kling(1)]));
    assert_eq!(days[1]["results"][0], kling(1));
    assert_eq!(
        (&days[1]["results"][1]["endpoint_id"], &days[1]["results"][1]["cost_total"]),
        (&json!(HAILUO), &json!(0.27))
    );
    assert!(
        days[0]["bucket"].as_str().is_some_and(|begin| begin.ends_with("T00:00:00+00:00")),
        "{}",
        days[0]["bucket"]
    );
    assert_eq!(usage["summary"][0], kling(2));

    let page = platform.get(&format!("{path}&limit=1&cursor=Mg==")).await;
    assert_eq!((list(&page, "time_series"), list(&page, "summary")), (vec![days[1].clone()], list(&usage, "summary")));
    let hailuo = platform.get(&format!("{PATH}?start=2020-01-01&timeframe=day&endpoint_id={HAILUO}")).await;
    assert_eq!(list(&hailuo, "time_series").len(), 1);
}

#[tokio::test]
async fn a_summary_alone_has_no_series_and_a_series_alone_no_summary() {
    let platform = Platform::start().await;
    platform.make("first").await;
    let summary = platform.get(&format!("{PATH}?expand=summary")).await;
    assert_eq!(summary, json!({ "summary": [kling(1)], "next_cursor": null, "has_more": false }));
    let series = platform.get(PATH).await;
    assert!(series.get("summary").is_none());
    assert_eq!(series["time_series"][0]["results"], json!([kling(1)]));
}

#[tokio::test]
async fn usage_is_told_apart_by_key_where_asked() {
    let platform = Platform::start().await;
    platform.make("first").await;
    let url = format!("{}/{KLING}", platform.emulator.urls().queue);
    let request = platform.caller.http.post(url).header("authorization", "Key other:secret").json(&input("second"));
    let submitted: Value = request.send().await.expect("answers").json().await.expect("is JSON");
    platform.caller.completed(&submitted).await;
    let usage = platform.get(&format!("{PATH}?expand=summary&expand=auth_method_structured")).await;
    let keys: Vec<_> =
        list(&usage, "summary").iter().map(|row| row["auth_method_structured"]["api_key_id"].clone()).collect();
    assert_eq!(keys, ["key-id", "other"]);
    let other = platform.get(&format!("{PATH}?expand=summary&api_key_id=other")).await;
    assert_eq!(list(&other, "summary"), [kling(1)]);
}

#[tokio::test]
async fn exact_bounds_cut_where_calendar_bounds_do_not() {
    let platform = Platform::start().await;
    platform.make("first").await;
    let now = jiff::Timestamp::now();
    let series = async |query: &str| {
        let path = format!("{PATH}?start={now}&timeframe=day&{query}");
        list(&platform.get(&path).await, "time_series").len()
    };
    assert_eq!((series("").await, series("bound_to_timeframe=false").await), (1, 0));
}

#[tokio::test]
async fn a_call_that_makes_no_sense_is_refused() {
    let platform = Platform::start().await;
    for wrong in
        ["expand=auth_method", "expand=everything", "timeframe=year", "timezone=Europe/Paris", "bound_to_timeframe=1"]
    {
        platform.assert_refused(&format!("{PATH}?{wrong}"), 400, "validation_error").await;
    }
    platform.assert_wants_a_key(PATH).await;
}
