//! Files that break off and go on.

use bytes::Bytes;
use fal_core::{Authorization, Call, Delivery, FalApi, FalClient, HostClass, TransportError};
use fal_emulator::{Emulator, Fault, FaultRule};
use futures::TryStreamExt;
use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;

use crate::fal_at::{QUICK, client, config, config_of_fal};
use crate::raw_server::{Act, RawServer, answer};

/// Bytes that differ from place to place, so that a part in a wrong place is seen.
fn file() -> Vec<u8> {
    (0..50_000u32).flat_map(u32::to_le_bytes).collect()
}

fn client_of(emulator: &Emulator) -> FalClient {
    let urls = emulator.urls();
    let hosts = fal_core::Hosts::default().with(HostClass::Rest, &urls.rest).unwrap();
    let hosts = hosts.with(HostClass::Cdn, &urls.cdn).unwrap();
    FalClient::new(config_of_fal().with_hosts(hosts).with_retry(QUICK).with_breaker(None)).unwrap()
}

/// Puts the file on the emulator's CDN, as fal's own client does, and gives its address.
async fn stored(emulator: &Emulator, client: &FalClient) -> String {
    let rest = format!("{}/storage/auth/token?storage_type=fal-cdn-v3", emulator.urls().rest);
    let json = HeaderValue::from_static("application/json");
    let call = Call::new(Method::POST, HostClass::Rest, rest.parse().unwrap()).with_body(json, "{}");
    let token: Value = serde_json::from_slice(&client.call(call).await.unwrap().body).unwrap();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let url = format!("{}/files/upload", text(&token, "base_url")).parse().unwrap();
    let token = Authorization::Token { scheme: "Bearer".to_owned(), token: text(&token, "token").into() };
    let call = Call::new(Method::POST, HostClass::Cdn, url)
        .with_authorization(token)
        .with_header(HeaderName::from_static("x-fal-file-name"), HeaderValue::from_static("v.mp4"))
        .with_body(HeaderValue::from_static("video/mp4"), file());
    let answer: Value = serde_json::from_slice(&client.call(call).await.unwrap().body).unwrap();
    text(&answer, "access_url")
}

async fn read(client: &FalClient, url: &str) -> Result<Vec<u8>, TransportError> {
    let pieces: Vec<Bytes> = client.download(url).await.unwrap().body.try_collect().await?;
    Ok(pieces.concat())
}

#[tokio::test]
async fn a_file_that_is_cut_at_any_tenth_arrives_whole_and_the_server_sends_the_rest_alone() {
    let emulator = Emulator::builder().start().await.unwrap();
    for tenth in 0..10 {
        let client = client_of(&emulator);
        let url = stored(&emulator, &client).await;
        let at = file().len() as u64 * tenth / 10;
        let rule = emulator.faults().add(FaultRule::new(Fault::TruncatedDownload { at: Some(at) }).times(1));
        // A second cut, one byte into the rest.
        let second = emulator.faults().add(FaultRule::new(Fault::TruncatedDownload { at: Some(1) }).times(1));
        assert_eq!(read(&client, &url).await.unwrap(), file(), "cut at {at}");
        assert_eq!((emulator.faults().hits(rule), emulator.faults().hits(second)), (1, 1), "cut at {at}");
    }
}

#[tokio::test]
async fn a_server_that_ignores_ranges_sends_the_file_anew_and_its_beginning_is_passed_over() {
    let emulator = Emulator::builder().start().await.unwrap();
    let client = client_of(&emulator);
    let url = stored(&emulator, &client).await;
    emulator.faults().add(FaultRule::new(Fault::TruncatedDownload { at: Some(70_001) }).times(1));
    let ignored = emulator.faults().add(FaultRule::new(Fault::RangeIgnored).times(1));
    assert_eq!(read(&client, &url).await.unwrap(), file());
    assert_eq!(emulator.faults().hits(ignored), 1);
}

/// Half of a file of ten bytes, then the end of the connection.
fn half(headers: &str) -> Act {
    Act::AnswerAndClose(format!("HTTP/1.1 200 OK\r\n{headers}content-length: 10\r\n\r\n01234"))
}

#[tokio::test]
async fn the_rest_is_asked_for_under_the_name_of_the_file() {
    let rest =
        "HTTP/1.1 206 Partial Content\r\netag: \"a\"\r\ncontent-range: bytes 5-9/10\r\ncontent-length: 5\r\n\r\n56789";
    let server = RawServer::start([half("etag: \"a\"\r\n"), Act::Answer(rest.to_owned())]).await;
    let file = read(&client(&server.base()), &format!("{}/v.mp4", server.base())).await.unwrap();
    assert_eq!(file, b"0123456789");
    let asked = server.requests(2).await[1].to_ascii_lowercase();
    assert!(asked.contains("range: bytes=5-\r\n") && asked.contains("if-range: \"a\"\r\n"), "{asked}");
}

#[tokio::test]
async fn without_a_strong_name_the_whole_file_is_asked_for() {
    for tag in ["", "etag: W/\"a\"\r\n"] {
        let server = RawServer::start([half(tag), Act::Answer(answer("200 OK", "", "0123456789"))]).await;
        let file = read(&client(&server.base()), &format!("{}/v.mp4", server.base())).await.unwrap();
        assert_eq!(file, b"0123456789");
        assert!(!server.requests(2).await[1].to_ascii_lowercase().contains("range"));
    }
}

#[tokio::test]
async fn two_files_are_never_put_together() {
    let part = |headers: &str| format!("HTTP/1.1 206 Partial Content\r\n{headers}content-length: 5\r\n\r\n56789");
    for second in [
        answer("200 OK", "etag: \"b\"\r\n", "x123456789"),
        answer("200 OK", "", "0123456789a"),
        part("etag: \"b\"\r\ncontent-range: bytes 5-9/10\r\n"),
        part("content-range: bytes 4-8/10\r\n"),
        answer("416 Range Not Satisfiable", "content-range: bytes */3\r\n", ""),
    ] {
        let server = RawServer::start([half("etag: \"a\"\r\n"), Act::Answer(second.clone())]).await;
        let error = read(&client(&server.base()), &format!("{}/v.mp4?sig=s1gned", server.base())).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert!(error.to_string().contains("broke off"), "{second}: {error}");
        assert!(!format!("{error:?}").contains("s1gned"), "{error:?}");
    }
}

#[tokio::test]
async fn a_file_that_never_goes_on_is_given_up_as_the_policy_says() {
    let begun = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";
    let server = RawServer::start([Act::AnswerAndClose(begun.to_owned())]).await;
    let client = FalClient::new(config(&server.base())).unwrap();
    assert!(read(&client, &format!("{}/v.mp4", server.base())).await.is_err());
    assert_eq!(server.requests(3).await.len(), 3);
}
