//! Files from the CDN.

use std::time::Duration;

use fal_core::{Delivery, ErrorKind, FalApi, Recovery};
use futures::TryStreamExt;
use tokio::time::timeout;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fal_at::{client, impatient};
use crate::raw_server::{Act, RawServer, answer};

#[tokio::test]
async fn a_file_is_read_whole_and_without_the_key() {
    let server = MockServer::start().await;
    let film: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
    let answer = ResponseTemplate::new(200).set_body_bytes(film.clone());
    Mock::given(method("GET")).and(path("/files/v.mp4")).respond_with(answer).mount(&server).await;
    let file = format!("{}/files/v.mp4?token=abc%2F1", server.uri());
    let download = client(&server.uri()).download(&file).await.unwrap();
    assert_eq!(download.length, Some(film.len() as u64));
    assert_eq!(download.body.collect(film.len()).await.unwrap(), film);

    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].url.query(), Some("token=abc%2F1"));
    assert!(!requests[0].headers.contains_key("authorization"));
    assert!(!format!("{:?}", requests[0]).contains("s3cret"));
}

#[tokio::test]
async fn a_file_that_cannot_be_had_says_why_without_its_address() {
    for (status, kind) in [
        ("404 Not Found", ErrorKind::NotFound),
        ("403 Forbidden", ErrorKind::Unauthorized),
        ("500 Internal Server Error", ErrorKind::Interrupted),
        ("206 Partial Content", ErrorKind::UnexpectedAnswer),
    ] {
        let server = RawServer::start([Act::Answer(answer(status, "", "<Error>SignatureDoesNotMatch</Error>"))]).await;
        let file = format!("{}/v.mp4?signature=s1gned", server.base());
        let error = client(&server.base()).download(&file).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status}");
        assert!(!format!("{error} {error:?}").contains("s1gned"), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let server = RawServer::start([Act::AnswerAndStall(String::new())]).await;
    let client = impatient(&server.base(), Duration::from_millis(200), Duration::from_secs(30));
    let error = client.download(&format!("{}/v.mp4", server.base())).await.unwrap_err();
    assert_eq!((error.kind(), error.recovery()), (ErrorKind::Interrupted, Recovery::Later));
}

#[tokio::test]
async fn a_file_that_stalls_or_breaks_off_ends_with_an_error_after_what_came() {
    let begun = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nfirst bytes".to_owned();
    for act in [Act::AnswerAndStall(begun.clone()), Act::AnswerAndClose(begun)] {
        let server = RawServer::start([act]).await;
        let client = impatient(&server.base(), Duration::from_secs(30), Duration::from_secs(1));
        let download = client.download(&format!("{}/v.mp4", server.base())).await.unwrap();
        assert_eq!(download.length, Some(1000));
        let mut arrived = Vec::new();
        let mut body = download.body;
        let error = loop {
            match timeout(Duration::from_secs(20), body.try_next()).await.expect("it ends by itself") {
                Ok(Some(piece)) => arrived.extend_from_slice(&piece),
                Ok(None) => panic!("a file that is not whole must not end well"),
                Err(error) => break error,
            }
        };
        assert_eq!((arrived, error.delivery()), (b"first bytes".to_vec(), Delivery::Unknown));
    }
}
