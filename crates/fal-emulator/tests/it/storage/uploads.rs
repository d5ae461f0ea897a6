//! Uploads in one piece, by token and initiated.

use std::io::Write;
use std::net::{Shutdown, TcpStream};

use fal_emulator::Emulator;
use serde_json::{Value, json};

use super::{HOUR, TEXT, json_of, names, on, pass, text, until};
use crate::client::{Caller, fast};

#[tokio::test]
async fn an_initiated_upload_is_put_without_credentials_and_once() {
    let (emulator, caller) = (fast().await, Caller::new());
    for storage_type in ["fal-cdn-v3", "gcs"] {
        let url = format!("{}/storage/upload/initiate?storage_type={storage_type}", emulator.urls().rest);
        let asked = json!({ "file_name": "my file.bin", "content_type": "application/x-test" });
        let initiated: Value = caller.post(&url, &asked).await.json().await.expect("is JSON");
        let (upload_url, file_url) = (text(&initiated, "upload_url"), text(&initiated, "file_url"));
        assert!(file_url.ends_with("/my_file.bin"));
        assert_eq!(caller.get(file_url).await.status(), 404, "nothing is there yet");

        assert_eq!(caller.http.put(upload_url).body(TEXT).send().await.expect("answers").status(), 200);
        let file = caller.http.get(file_url).send().await.expect("answers");
        assert_eq!(file.headers()["content-type"], "application/x-test");
        assert_eq!(file.bytes().await.expect("arrives"), TEXT);
        assert_eq!(caller.http.put(upload_url).body("other").send().await.expect("answers").status(), 403);
        assert_eq!(caller.http.put(file_url).body("other").send().await.expect("answers").status(), 403);
    }
    assert_eq!(emulator.uploads(), 2);
    assert!(emulator.requests().iter().all(|request| !request.path_and_query.contains("upload_token=0")));
}

#[tokio::test]
async fn what_cannot_be_initiated_is_told_where_the_fault_is() {
    let (emulator, caller) = (fast().await, Caller::new());
    for call in ["initiate", "initiate-multipart"] {
        let url = format!("{}/storage/upload/{call}", emulator.urls().rest);
        let other = json_of(caller.post(&format!("{url}?storage_type=floppy"), &json!({})).await, 422).await;
        assert_eq!(other["detail"][0]["loc"], json!(["query", "storage_type"]));
        let number = json_of(caller.post(&url, &json!({ "file_name": 5 })).await, 422).await;
        assert_eq!(number["detail"][0]["loc"], json!(["body"]));
    }
}

#[tokio::test]
async fn a_large_file_comes_back_as_it_was() {
    let (emulator, caller) = (fast().await, Caller::new());
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let url = caller.upload(&emulator, bytes.clone()).await;
    assert!(caller.get(&url).await.bytes().await.expect("arrives") == bytes);
}

#[tokio::test]
async fn an_empty_upload_is_refused() {
    let (emulator, caller) = (fast().await, Caller::new());
    let upload = caller.http.post(format!("{}/files/upload", emulator.urls().cdn));
    let answer = upload.header("authorization", caller.bearer(&emulator).await).send().await.expect("answers");
    assert_eq!(answer.status(), 400);
    assert_eq!((emulator.uploads(), emulator.files().len()), (0, 0));
}

#[tokio::test]
async fn a_refused_sender_of_much_still_reads_why() {
    let (emulator, caller) = (fast().await, Caller::new());
    let upload = caller.http.post(format!("{}/files/upload", emulator.urls().cdn)).bearer_auth("made-up");
    let answer = upload.body(vec![7; 20_000_000]).send().await.expect("answers");
    assert_eq!(json_of(answer, 401).await, json!({ "detail": "Invalid or expired token" }));
}

#[tokio::test]
async fn a_cut_upload_leaves_nothing_and_may_be_sent_again() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    let initiated = caller.initiate(&emulator, "initiate", ("x-test", "")).await;
    let upload_url = reqwest::Url::parse(text(&initiated, "upload_url")).expect("is one");
    let address = (upload_url.host_str().expect("has one"), upload_url.port().expect("has one"));
    let mut stream = TcpStream::connect(address).expect("connects");
    let path = format!("{}?{}", upload_url.path(), upload_url.query().expect("has one"));
    let head = format!("PUT {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nonly the beginning");
    stream.write_all(head.as_bytes()).expect("is sent");
    until(|| !names(folder.path(), "scratch").is_empty()).await;
    stream.shutdown(Shutdown::Both).expect("is cut");
    until(|| names(folder.path(), "scratch").is_empty()).await;
    assert!(names(folder.path(), "files").is_empty() && emulator.files().is_empty());

    assert_eq!(caller.http.put(upload_url).body(TEXT).send().await.expect("answers").status(), 200);
    assert_eq!((emulator.uploads(), emulator.files().len()), (1, 1));
}

#[tokio::test]
async fn a_token_ends_with_its_life() {
    let emulator = Emulator::builder().token_life(HOUR / 2).start().await.expect("starts");
    let caller = Caller::new();
    let bearer = caller.bearer(&emulator).await;
    let send = async || {
        let upload = caller.http.post(format!("{}/files/upload", emulator.urls().cdn));
        upload.header("authorization", &bearer).body(TEXT).send().await.expect("answers").status().as_u16()
    };
    pass(HOUR / 4).await;
    assert_eq!(send().await, 200);
    pass(HOUR / 4).await;
    assert_eq!(send().await, 401);
    assert_eq!(emulator.uploads(), 1);
    caller.upload(&emulator, TEXT.to_vec()).await;
}

#[tokio::test]
async fn a_test_sees_every_file_and_when_it_came() {
    let (emulator, caller) = (fast().await, Caller::new());
    let before = emulator.files();
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    let files = emulator.files();
    assert_eq!((before.len(), files.len()), (0, 1));
    let file = &files[0];
    assert_eq!(
        (file.url.as_str(), file.name.as_str(), file.content_type.as_str()),
        (&*url, "picture.png", "image/png")
    );
    let life = file.expires_at.expect("ends").duration_since(file.uploaded_at);
    assert_eq!((file.size, life.as_secs()), (10, 604_800));
    pass(HOUR).await;
    caller.upload(&emulator, TEXT.to_vec()).await;
    let later = emulator.files()[1].uploaded_at.duration_since(file.uploaded_at);
    assert!(later.as_secs() >= 3600, "uploads follow the emulator's clock");
}
