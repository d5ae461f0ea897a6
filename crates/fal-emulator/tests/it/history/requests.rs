//! The list of requests by endpoint.

use std::time::Duration;

use fal_emulator::Fault;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Platform, bare, failed, id, input, list};
use crate::client::{HAILUO, KEY, KLING};
use crate::storage::{DAY, HOUR, pass};

fn time(entry: &Value, field: &str) -> Timestamp {
    entry[field].as_str().expect("is text").parse().expect("is a time")
}

#[tokio::test]
async fn an_entry_has_what_fal_promises_and_payloads_where_asked() {
    let platform = Platform::start().await;
    let submitted = platform.make("zoom in").await;
    let entries = platform.items("").await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((&entry["request_id"], &entry["endpoint_id"]), (&submitted["request_id"], &json!(KLING)));
    assert_eq!(entry["status_code"], 200);
    assert!(time(entry, "sent_at") <= time(entry, "started_at"));
    assert!(time(entry, "started_at") <= time(entry, "ended_at"));
    assert!(entry["duration"].as_f64().is_some_and(|seconds| seconds >= 0.0));
    assert!(entry.get("json_input").is_none() && entry.get("json_output").is_none());

    let entry = &platform.items("expand=payloads").await[0];
    assert_eq!(entry["json_input"], input("zoom in"));
    let result: Value = platform.caller.result(&submitted).await.json().await.expect("is JSON");
    assert_eq!(entry["json_output"], result);
}

#[tokio::test]
async fn what_waits_in_the_queue_is_not_listed_and_what_runs_has_no_end() {
    let platform = Platform::of(bare().runners(1)).await;
    let running = platform.begin_endless().await;
    let waiting = platform.submit("waits").await;
    let entries = platform.items("expand=payloads").await;
    assert_eq!(entries.iter().map(id).collect::<Vec<_>>(), [id(&running)]);
    for field in ["ended_at", "status_code", "duration"] {
        assert_eq!(entries[0].get(field), Some(&Value::Null), "{field}");
    }
    assert_eq!(entries[0]["json_input"]["prompt"], "endless");
    assert!(entries[0].get("json_output").is_none());

    platform.cancel(&running).await;
    platform.caller.completed(&waiting).await;
    assert_eq!(platform.ids("").await, [id(&waiting), id(&running)]);
    assert_eq!(platform.items("").await[1]["status_code"], 499);
}

#[tokio::test]
async fn a_request_that_no_runner_ever_took_is_never_listed() {
    let platform = Platform::of(bare().runners(1)).await;
    platform.begin_endless().await;
    let dropped = platform.submit("waits").await;
    platform.cancel(&dropped).await;
    assert!(!platform.ids("").await.contains(&id(&dropped)));
}

#[tokio::test]
async fn a_late_history_learns_of_the_start_and_of_the_end_when_their_time_has_come() {
    let minute = Duration::from_secs(60);
    let platform = Platform::of(bare().history_lag(minute)).await;
    let running = platform.begin_endless().await;
    assert!(platform.items("").await.is_empty());
    pass(minute).await;
    platform.cancel(&running).await;
    let seen = platform.items("expand=payloads").await;
    assert_eq!((id(&seen[0]), &seen[0]["ended_at"]), (id(&running), &Value::Null));
    assert!(seen[0].get("json_output").is_none());
    pass(minute).await;
    let seen = platform.items("expand=payloads").await;
    assert_eq!(
        (&seen[0]["status_code"], &seen[0]["json_output"]["error_type"]),
        (&json!(499), &json!("client_cancelled"))
    );
}

#[tokio::test]
async fn requests_are_found_by_how_they_ended() {
    let platform = Platform::start().await;
    let good = platform.make("good").await;
    let bad = platform.make_with(failed()).await;
    let refused = platform.make_with(Fault::ContentPolicy).await;
    platform.begin_endless().await;
    for (status, request) in [("success", good), ("error", bad), ("user_error", refused)] {
        assert_eq!(platform.ids(&format!("status={status}")).await, [id(&request)], "{status}");
    }
}

#[tokio::test]
async fn the_period_begins_a_day_ago_for_lists_and_ninety_days_ago_for_one_request() {
    let platform = Platform::start().await;
    let old = platform.make("old").await;
    pass(DAY).await;
    let new = platform.make("new").await;
    assert_eq!(platform.ids("").await, [id(&new)]);
    assert_eq!(platform.ids(&format!("request_id={}", id(&old))).await, [id(&old)]);

    let since_2000 = platform.items("start=2000-01-01").await;
    assert_eq!(since_2000.iter().map(id).collect::<Vec<_>>(), [id(&new), id(&old)]);
    let sent_at = |entry: &Value| entry["sent_at"].as_str().expect("is text").to_owned();
    let (new_sent_at, old_sent_at) = (sent_at(&since_2000[0]), sent_at(&since_2000[1]));
    assert_eq!(
        platform.ids(&format!("start={old_sent_at}&end={new_sent_at}")).await,
        [id(&old)],
        "the end is exclusive"
    );
    assert!(platform.ids("start=2000-01-01&end=2000-01-02").await.is_empty());
}

#[tokio::test]
async fn entries_come_by_their_end_or_by_their_duration_in_pages() {
    let platform = Platform::start().await;
    let (short, long) = (platform.begin_endless().await, platform.begin_endless().await);
    pass(Duration::from_secs(10)).await;
    platform.cancel(&short).await;
    pass(Duration::from_secs(20)).await;
    platform.cancel(&long).await;
    let quick = platform.make("quick").await;
    let running = platform.begin_endless().await;
    let [short, long, quick, running] = [short, long, quick, running].map(|request| id(&request));
    assert_eq!(platform.ids("").await, [&running, &quick, &long, &short].map(String::as_str));
    assert_eq!(platform.ids("sort_by=duration").await, [&long, &short, &quick, &running].map(String::as_str));

    let path = format!("/v1/models/requests/by-endpoint?endpoint_id={KLING}&limit=3");
    let first = platform.get(&path).await;
    assert_eq!((list(&first, "items").len(), &first["next_cursor"]), (3, &json!("Mg==")));
    let second = platform.get(&format!("{path}&cursor=Mg==")).await;
    assert_eq!(list(&second, "items").iter().map(id).collect::<Vec<_>>(), [short]);
    assert_eq!((&second["has_more"], &second["next_cursor"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn a_page_has_fifty_entries_and_at_most_a_hundred() {
    let platform = Platform::start().await;
    for _ in 0..101 {
        platform.submit("many").await;
    }
    platform.make("the last").await;
    assert_eq!(platform.items("").await.len(), 50);
    assert_eq!(platform.items("limit=1000").await.len(), 100);
}

#[tokio::test]
async fn requests_are_found_by_the_whole_endpoint_id() {
    let platform = Platform::start().await;
    let kling = platform.make("kling").await;
    let hailuo = platform.caller.submit(&platform.emulator, HAILUO, &input("hailuo")).await;
    platform.caller.completed(&hailuo).await;
    assert_eq!(platform.ids("").await, [id(&kling)]);
    assert_eq!(platform.ids(&format!("endpoint_id={HAILUO}")).await, [id(&hailuo), id(&kling)]);
    let both = platform.get(&format!("/v1/models/requests/by-endpoint?endpoint_id={KLING},{HAILUO}")).await;
    assert_eq!(list(&both, "items").len(), 2);
}

#[tokio::test]
async fn a_request_that_keeps_nothing_has_no_payloads() {
    let platform = Platform::start().await;
    let url = format!("{}/{KLING}", platform.emulator.urls().queue);
    let request = platform.caller.http.post(url).header("authorization", format!("Key {KEY}"));
    let answer = request.header("x-fal-store-io", "0").json(&input("discreet")).send().await.expect("answers");
    let submitted: Value = answer.json().await.expect("is JSON");
    platform.caller.completed(&submitted).await;
    let entries = platform.items("expand=payloads").await;
    assert_eq!(id(&entries[0]), id(&submitted));
    assert!(entries[0].get("json_input").is_none() && entries[0].get("json_output").is_none());
}

#[tokio::test]
async fn payloads_are_kept_for_thirty_days_and_the_entry_stays() {
    let platform = Platform::start().await;
    let query = format!("expand=payloads&request_id={}", id(&platform.make("old").await));
    pass(30 * DAY - HOUR).await;
    assert_eq!(platform.items(&query).await[0]["json_input"], input("old"));
    pass(HOUR).await;
    let entries = platform.items(&query).await;
    assert!(entries[0].get("json_input").is_none() && entries[0].get("json_output").is_none());
    assert_eq!(entries[0]["status_code"], 200);
}

#[tokio::test]
async fn a_call_that_makes_no_sense_is_refused() {
    let platform = Platform::start().await;
    let path = |query: &str| format!("/v1/models/requests/by-endpoint?{query}");
    let many = format!("endpoint_id={}", [KLING; 51].join(","));
    for query in ["", &many] {
        platform.assert_refused(&path(query), 400, "validation_error").await;
    }
    for wrong in [
        "start=yesterday",
        "end=2026-01-31T00:00:00",
        "status=running",
        "request_id=7",
        "expand=everything",
        "sort_by=name",
        "limit=0",
        "cursor=2",
    ] {
        platform.assert_refused(&path(&format!("endpoint_id={KLING}&{wrong}")), 400, "validation_error").await;
    }
    platform.assert_refused(&path("endpoint_id=fal-ai/none"), 404, "not_found").await;
    platform.assert_wants_a_key(&path(&format!("endpoint_id={KLING}"))).await;
}
