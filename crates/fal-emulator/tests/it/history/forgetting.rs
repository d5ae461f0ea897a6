//! Records of old requests, which lose everything but the bill.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Platform, bare, id};
use crate::storage::{DAY, pass, until};

fn record(folder: &Path, submitted: &Value) -> Value {
    let path = folder.join(format!("requests/{}.json", id(submitted)));
    serde_json::from_slice(&fs::read(path).expect("is read")).expect("is JSON")
}

fn is_forgotten(folder: &Path, submitted: &Value) -> bool {
    let record = record(folder, submitted);
    record["input"].is_null() && record["logs"] == serde_json::json!([])
}

#[tokio::test]
async fn an_old_request_is_forgotten_when_a_new_one_comes_and_its_bill_is_not() {
    let folder = tempfile::tempdir().expect("is made");
    let platform = Platform::of(bare().state_dir(folder.path())).await;
    let old = platform.make("old").await;
    pass(29 * DAY).await;
    let newer = platform.make("newer").await;
    let charges = platform.emulator.ledger().charges();
    assert!(!is_forgotten(folder.path(), &old));
    pass(DAY).await;
    platform.make("new").await;
    until(|| is_forgotten(folder.path(), &old)).await;
    assert!(!is_forgotten(folder.path(), &newer));
    assert_eq!(platform.emulator.ledger().charges()[..2], charges);
}

#[tokio::test]
async fn what_grew_old_while_nothing_ran_is_forgotten_at_the_start() {
    let folder = tempfile::tempdir().expect("is made");
    let platform = Platform::of(bare().state_dir(folder.path())).await;
    let (old, new) = (platform.make("old").await, platform.make("new").await);
    let mut charges = platform.emulator.ledger().charges();
    // The end is told a moment before it is on the disk.
    until(|| [&old, &new].into_iter().all(|ended| record(folder.path(), ended)["ended_at"].is_string())).await;
    drop(platform);
    let (mut aged, long_ago) = (record(folder.path(), &old), "2001-01-01T00:00:00Z");
    aged["ended_at"] = long_ago.into();
    charges[0].ended_at = long_ago.parse().ok();
    fs::write(folder.path().join(format!("requests/{}.json", id(&old))), aged.to_string()).expect("is written");

    let platform = Platform::of(bare().state_dir(folder.path())).await;
    until(|| is_forgotten(folder.path(), &old)).await;
    assert!(!is_forgotten(folder.path(), &new));
    assert_eq!(platform.emulator.ledger().charges(), charges);
}
