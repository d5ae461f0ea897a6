//! How many requests ended how, and how long they took.

use std::time::Duration;

use fal_emulator::Fault;
use serde_json::{Value, json};

use super::{Platform, bare, failed, list};
use crate::client::KLING;
use crate::storage::pass;

fn path(expansions: &[&str]) -> String {
    let expansions: String = expansions.iter().map(|name| format!("&expand={name}")).collect();
    format!("/v1/models/analytics?endpoint_id={KLING}{expansions}")
}

#[tokio::test]
async fn requests_are_counted_by_how_they_ended() {
    let platform = Platform::start().await;
    platform.make("good").await;
    platform.make_with(failed()).await;
    platform.make_with(Fault::Failed { error_type: "internal_error".to_owned(), status: 500 }).await;
    platform.make_with(Fault::ContentPolicy).await;
    platform.begin_endless().await;
    let counts = [
        ("request_count", 4),
        ("success_count", 1),
        ("user_error_count", 1),
        ("error_count", 2),
        ("startup_error_count", 0),
        ("connection_error_count", 1),
        ("timeout_error_count", 0),
        ("runtime_error_count", 1),
        ("cold_boot_count", 0),
    ];
    let mut expansions: Vec<_> = counts.iter().map(|(name, _)| *name).collect();
    expansions.extend(["summary", "time_series"]);
    let analytics = platform.get(&path(&expansions)).await;
    let mut expected: serde_json::Map<_, _> =
        counts.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect();
    expected.insert("endpoint_id".to_owned(), KLING.into());
    assert_eq!(list(&analytics, "summary"), [Value::from(expected)]);
    let series = list(&analytics, "time_series").into_iter().flat_map(|bucket| list(&bucket, "results"));
    assert_eq!(series.filter_map(|row| row["request_count"].as_u64()).sum::<u64>(), 4);
}

#[tokio::test]
async fn the_wait_and_the_work_have_percentiles() {
    let platform = Platform::of(bare().runners(1)).await;
    let first = platform.begin_endless().await;
    let second = platform.submit("waits").await;
    pass(Duration::from_secs(100)).await;
    platform.cancel(&first).await;
    platform.caller.completed(&second).await;
    let metrics =
        ["p50_prepare_duration", "p99_prepare_duration", "p25_duration", "p99_duration", "total_billable_duration"];
    let analytics = platform.get(&path(&[&["summary"], &metrics[..]].concat())).await;
    let row = &list(&analytics, "summary")[0];
    // Seconds of real time pass at the most besides those of the moved clock.
    let about = metrics.map(|name| (row[name].as_f64().expect("is a number") / 100.0).round());
    assert_eq!(about, [0.0, 1.0, 0.0, 1.0, 1.0], "{row}");
}

#[tokio::test]
async fn figures_that_nothing_is_known_of_are_left_out() {
    let platform = Platform::start().await;
    assert_eq!(list(&platform.get(&path(&["summary", "request_count"])).await, "summary"), [] as [Value; 0]);
    platform.make("good").await;
    let analytics = platform.get(&path(&["summary", "p50_cold_boot_duration"])).await;
    assert_eq!(list(&analytics, "summary"), [json!({ "endpoint_id": KLING })]);
    let analytics = platform.get(&path(&[])).await;
    assert_eq!(analytics["time_series"][0]["results"], json!([{ "endpoint_id": KLING, "request_count": 1 }]));
}

#[tokio::test]
async fn a_call_that_makes_no_sense_is_refused() {
    let platform = Platform::start().await;
    for wrong in [&["summary"][..], &["request_count"], &["summary", "p42_duration"]] {
        platform.assert_refused(&path(wrong), 400, "validation_error").await;
    }
    platform.assert_refused("/v1/models/analytics", 400, "validation_error").await;
    platform.assert_wants_a_key(&path(&[])).await;
}
