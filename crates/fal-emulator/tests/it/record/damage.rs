//! Folders that cannot be recorded into or replayed from, and what is said of them.

use std::path::Path;

use fal_emulator::record::{Recorder, Replay, Upstreams};
use fal_emulator::{Error, HostClass};
use serde_json::{Value, json};

use crate::client::Caller;
use crate::record::raw_host::RawHost;
use crate::record::{exchanges, recorder};

async fn fault(folder: &Path) -> Error {
    Replay::builder().folder(folder).start().await.expect_err("does not start")
}

/// A recording of one download.
async fn recorded(folder: &Path) {
    let host = RawHost::answering("HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc").await;
    let recorder = recorder(&host.url, folder).await;
    let upload = Caller::new().http.put(format!("{}/x.png", recorder.urls().cdn)).header("content-type", "image/png");
    upload.body(&b"\x89PNG\xff"[..]).send().await.expect("answers");
    recorder.stop().await.expect("writes all");
}

#[tokio::test]
async fn a_folder_without_a_recording_is_told() {
    let folder = tempfile::tempdir().expect("is made");
    assert!(matches!(fault(folder.path()).await, Error::NothingRecorded { path } if path == folder.path()));
    let missing = folder.path().join("missing");
    assert!(matches!(fault(&missing).await, Error::Recording { path, .. } if path == missing));
}

#[tokio::test]
async fn a_damaged_file_is_named_with_its_line() {
    let folder = tempfile::tempdir().expect("is made");
    recorded(folder.path()).await;
    let path = folder.path().join("00001-cdn.json");
    let text = std::fs::read_to_string(&path).expect("is there");
    for (from, to) in [
        (r#""method": "PUT""#, r#""method": PUT"#),
        (r#""host_class": "cdn""#, r#""host_class": "moon""#),
        (r#""headers": {"#, r#""headers": 7, "more": {"#),
        (r#""status": 200"#, r#""status": 2000000"#),
    ] {
        let line = 1 + text[..text.find(from).expect("is there")].matches('\n').count();
        std::fs::write(&path, text.replacen(from, to, 1)).expect("is written");
        let error = fault(folder.path()).await;
        let Error::Damaged { path: named, line: told, .. } = &error else { panic!("{error}") };
        assert_eq!((named, *told), (&path, line), "{from}");
        assert!(error.to_string().contains(&format!("00001-cdn.json, line {line},")), "{error}");
    }
    for damaged in ["", "{}", "[1]", &text[..text.len() / 2]] {
        std::fs::write(&path, damaged).expect("is written");
        assert!(matches!(fault(folder.path()).await, Error::Damaged { .. }), "{damaged}");
    }
}

#[tokio::test]
async fn another_version_of_the_format_is_told() {
    let folder = tempfile::tempdir().expect("is made");
    std::fs::write(folder.path().join("00001-cdn.json"), r#"{"format":2,"new":true}"#).expect("is written");
    assert!(matches!(fault(folder.path()).await, Error::RecordingFormat { found: 2, known: 1, .. }));
}

#[tokio::test]
async fn a_body_that_is_not_the_recorded_one_is_told() {
    let folder = tempfile::tempdir().expect("is made");
    recorded(folder.path()).await;
    let (exchange, body) = (folder.path().join("00001-cdn.json"), folder.path().join("00001-request.png"));
    let text = std::fs::read_to_string(&exchange).expect("is there");
    std::fs::write(&exchange, text.replace("00001-request.png", "../outside.png")).expect("is written");
    assert!(matches!(fault(folder.path()).await, Error::DamagedBody { .. }));
    std::fs::write(&exchange, text).expect("is written");
    std::fs::write(&body, "other").expect("is written");
    assert!(matches!(fault(folder.path()).await, Error::DamagedBody { path } if path == body));
    std::fs::remove_file(&body).expect("is removed");
    assert!(matches!(fault(folder.path()).await, Error::Recording { path, .. } if path == body));
}

#[tokio::test]
async fn a_recording_is_never_written_over() {
    let folder = tempfile::tempdir().expect("is made");
    recorded(folder.path()).await;
    let again = Recorder::builder().folder(folder.path()).start().await;
    assert!(matches!(again, Err(Error::NotEmpty { path }) if path == folder.path()));
    let file = folder.path().join("00001-cdn.json");
    assert!(
        matches!(Recorder::builder().folder(&file).start().await, Err(Error::Recording { path, .. }) if path == file)
    );
    let open = Upstreams::fal().with(HostClass::Run, "http://fal.run");
    let refused = Recorder::builder().upstream(open).folder(folder.path().join("new")).start().await;
    assert!(matches!(refused, Err(Error::Upstream { class: HostClass::Run })));
}

#[tokio::test]
async fn an_exchange_that_cannot_be_written_is_told_at_the_end_and_answered_nevertheless() {
    let folder = tempfile::tempdir().expect("is made");
    let host = RawHost::answering("HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc").await;
    let recorder = recorder(&host.url, folder.path()).await;
    let taken = folder.path().join("00001-queue.json");
    std::fs::write(&taken, "not ours").expect("is written");
    let answer = Caller::new().get(&format!("{}/x", recorder.urls().queue)).await;
    assert_eq!(answer.text().await.expect("arrives"), "abc");
    assert!(matches!(recorder.stop().await, Err(Error::Recording { path, .. }) if path == taken));
    assert_eq!(std::fs::read_to_string(&taken).expect("is there"), "not ours");
}

#[tokio::test]
async fn nothing_but_whole_files_is_in_the_folder() {
    let folder = tempfile::tempdir().expect("is made");
    recorded(folder.path()).await;
    let mut names: Vec<String> = Vec::new();
    for entry in folder.path().read_dir().expect("is there") {
        names.push(entry.expect("is read").file_name().into_string().expect("is text"));
    }
    names.sort();
    assert_eq!(names, ["00001-cdn.json", "00001-request.png"]);
    let [exchange]: [Value; 1] = exchanges(folder.path()).try_into().expect("is one");
    assert_eq!(exchange["answer"]["body"], json!({ "text": "abc" }));
}
