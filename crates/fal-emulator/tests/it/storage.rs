//! Uploads both ways, and downloads in whole and in part.

use serde_json::{Value, json};

use crate::client::{Caller, fast};

const TEXT: &[u8] = b"0123456789";

#[tokio::test]
async fn an_initiated_upload_is_put_without_credentials_and_once() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = format!("{}/storage/upload/initiate?storage_type=fal-cdn-v3", emulator.urls().rest);
    let asked = json!({ "file_name": "my file.bin", "content_type": "application/x-test" });
    let initiated: Value = caller.post(&url, &asked).await.json().await.expect("is JSON");
    let (upload_url, file_url) = (initiated["upload_url"].as_str(), initiated["file_url"].as_str());
    let (upload_url, file_url) = (upload_url.expect("has one"), file_url.expect("has one"));
    assert!(file_url.ends_with("/my_file.bin"));
    assert_eq!(caller.get(file_url).await.status(), 404, "nothing is there yet");

    assert_eq!(caller.http.put(upload_url).body(TEXT).send().await.expect("answers").status(), 200);
    let file = caller.http.get(file_url).send().await.expect("answers");
    assert_eq!(file.headers()["content-type"], "application/x-test");
    assert_eq!(file.bytes().await.expect("arrives"), TEXT);
    assert_eq!(caller.http.put(upload_url).body("other").send().await.expect("answers").status(), 403);
    assert_eq!(caller.http.put(file_url).body("other").send().await.expect("answers").status(), 403);
    assert_eq!(emulator.uploads(), 1);
    assert!(emulator.requests().iter().all(|request| !request.path_and_query.contains("upload_token=0")));
}

#[tokio::test]
async fn a_file_is_served_whole_in_parts_and_by_head() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    let whole = caller.http.get(&url).send().await.expect("answers");
    assert_eq!((whole.status().as_u16(), whole.headers()["accept-ranges"].as_bytes()), (200, &b"bytes"[..]));
    assert_eq!(whole.headers()["content-length"], "10");
    assert_eq!(whole.bytes().await.expect("arrives"), TEXT);

    for (range, content_range, expected) in [
        ("bytes=0-3", "bytes 0-3/10", &TEXT[..4]),
        ("bytes=4-", "bytes 4-9/10", &TEXT[4..]),
        ("bytes=-2", "bytes 8-9/10", &TEXT[8..]),
    ] {
        let part = caller.http.get(&url).header("range", range).send().await.expect("answers");
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(part.headers()["content-range"], content_range);
        assert_eq!(part.bytes().await.expect("arrives"), expected, "{range}");
    }
    let beyond = caller.http.get(&url).header("range", "bytes=10-").send().await.expect("answers");
    assert_eq!((beyond.status().as_u16(), beyond.headers()["content-range"].as_bytes()), (416, &b"bytes */10"[..]));

    let head = caller.http.head(&url).send().await.expect("answers");
    assert_eq!((head.status().as_u16(), head.headers()["content-length"].as_bytes()), (200, &b"10"[..]));
    assert!(head.bytes().await.expect("arrives").is_empty());
    assert_eq!(caller.get(&format!("{}/files/b/none/x.png", emulator.urls().cdn)).await.status(), 404);
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
    let token = caller.post(&format!("{}/storage/auth/token", emulator.urls().rest), &json!({})).await;
    let token: Value = token.json().await.expect("is JSON");
    let upload = caller.http.post(format!("{}/files/upload", emulator.urls().cdn));
    let bearer = format!("Bearer {}", token["token"].as_str().expect("has one"));
    let answer = upload.header("authorization", bearer).send().await.expect("answers");
    assert_eq!(answer.status(), 400);
    assert_eq!(emulator.uploads(), 0);
}
