//! The records of files on disk: damaged ones, old ones, and those that ended while nobody looked.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{TEXT, names, on, until};
use crate::client::Caller;

fn record_of(folder: &Path, url: &str) -> PathBuf {
    let id = url.rsplit('/').nth(1).expect("has one");
    folder.join("files").join(format!("{id}.json"))
}

/// Changes a record as a former version, or time, could have left it.
fn change(path: &Path, change: impl FnOnce(&mut serde_json::Map<String, Value>)) {
    let mut record: Value = serde_json::from_slice(&fs::read(path).expect("is read")).expect("is JSON");
    change(record.as_object_mut().expect("is one"));
    fs::write(path, record.to_string()).expect("is written");
}

#[tokio::test]
async fn a_damaged_record_is_set_aside_and_the_rest_is_served() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    let (damaged, whole) =
        (caller.upload(&emulator, TEXT.to_vec()).await, caller.upload(&emulator, TEXT.to_vec()).await);
    drop(emulator);
    let record = record_of(folder.path(), &damaged);
    fs::write(&record, "{\"id\":").expect("is written");
    fs::write(folder.path().join("storage-settings.json"), "{").expect("is written");

    for _ in 0..2 {
        let emulator = on(folder.path()).await;
        assert!(emulator.persistent());
        assert_eq!((caller.status(&damaged).await, caller.status(&whole).await), (404, 200));
        assert_eq!(emulator.files().len(), 1);
        assert_eq!(fs::read_to_string(record.with_extension("json.damaged")).expect("is kept"), "{\"id\":");
        assert_eq!(fs::read(record.with_extension("bin")).expect("is kept"), TEXT);
        assert!(folder.path().join("storage-settings.json.damaged").exists());
    }
}

#[tokio::test]
async fn a_record_of_a_former_version_is_served() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    drop(emulator);
    change(&record_of(folder.path(), &url), |record| {
        record.retain(|name, _| !matches!(&**name, "uploaded_at" | "expires_at" | "acl"))
    });
    let emulator = on(folder.path()).await;
    assert_eq!(caller.status(&url).await, 200);
    assert_eq!(emulator.files()[0].expires_at, None);
}

#[tokio::test]
async fn a_file_that_ended_while_the_emulator_was_down_is_deleted_at_the_start() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    drop(emulator);
    change(&record_of(folder.path(), &url), |record| {
        record.insert("expires_at".to_owned(), "2001-01-01T00:00:00Z".into());
    });
    let emulator = on(folder.path()).await;
    assert!(emulator.files().is_empty());
    until(|| names(folder.path(), "files").is_empty()).await;
}
