//! Downloads: whole, in part, by HEAD, and not at all where the client has the file.

use super::TEXT;
use crate::client::{Caller, fast};

#[tokio::test]
async fn a_file_is_served_whole_in_parts_and_by_head() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    let whole = caller.http.get(&url).send().await.expect("answers");
    assert_eq!((whole.status().as_u16(), whole.headers()["accept-ranges"].as_bytes()), (200, &b"bytes"[..]));
    assert_eq!(whole.headers()["content-length"], "10");
    assert_eq!(whole.headers()["content-security-policy"], "sandbox", "an uploaded page is no page of the emulator's");
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
async fn a_browser_may_show_the_file_and_knows_its_name() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    let file = caller.http.get(&url).send().await.expect("answers");
    assert_eq!(file.headers()["content-disposition"], "inline; filename=\"picture.png\"");
    let missing = format!("{}/files/b/none/x.png", emulator.urls().cdn);
    for (url, range) in [(&url, "bytes=0-"), (&url, "bytes=99-"), (&missing, "bytes=0-")] {
        let answer = caller.http.get(url).header("range", range).send().await.expect("answers");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    }
}

#[tokio::test]
async fn a_client_that_has_the_file_is_sent_no_bytes() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    let etag = caller.http.head(&url).send().await.expect("answers").headers()["etag"].clone();
    let known = caller.http.get(&url).header("if-none-match", &etag).send().await.expect("answers");
    assert_eq!((known.status().as_u16(), &known.headers()["etag"]), (304, &etag));
    assert!(known.bytes().await.expect("arrives").is_empty());
    let other = caller.http.get(&url).header("if-none-match", "\"other\"").send().await.expect("answers");
    assert_eq!(other.status(), 200);
}

#[tokio::test]
async fn a_download_goes_on_only_in_the_file_it_began_with() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = caller.upload(&emulator, TEXT.to_vec()).await;
    let etag = caller.http.head(&url).send().await.expect("answers").headers()["etag"].clone();
    let resume = caller.http.get(&url).header("range", "bytes=4-");
    let same = resume.try_clone().expect("has no body").header("if-range", etag).send().await.expect("answers");
    assert_eq!((same.status().as_u16(), &*same.bytes().await.expect("arrives")), (206, &TEXT[4..]));
    let other = resume.header("if-range", "\"other\"").send().await.expect("answers");
    assert_eq!((other.status().as_u16(), &*other.bytes().await.expect("arrives")), (200, TEXT));
}
