//! A download that breaks off goes on with its own bytes, or not at all.

use std::sync::Arc;

use bytes::Bytes;
use fal_core::{Delivery, FalApi, ResponseBody, TransportError};
use futures::stream;

use crate::fal_at::{QUICK, over};
use crate::scripted::{Exchange, ScriptedTransport};

const FILE: &str = "https://v3.fal.media/v.mp4?token=5igned";

/// An answer whose body has these pieces, and breaks off after them unless it is `whole`.
fn answer(status: u16, headers: &[(&str, &str)], pieces: &[&'static str], whole: bool) -> Exchange {
    let broken = || TransportError::new(Delivery::Unknown, "scripted");
    let pieces = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
    let pieces: Vec<_> = pieces.chain((!whole).then(|| Err(broken()))).collect();
    let builder = http::Response::builder().status(status);
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    Ok(builder.body(ResponseBody::new(stream::iter(pieces))).unwrap())
}

fn begun() -> Exchange {
    answer(200, &[("content-length", "10"), ("etag", "\"a\"")], &["0123"], false)
}

/// What arrives of a file whose answers are these, and what was asked.
async fn arriving(answers: impl IntoIterator<Item = Exchange>) -> (Result<Bytes, String>, Vec<http::Request<Bytes>>) {
    let transport = Arc::new(ScriptedTransport::new(answers));
    let download = over(&transport, QUICK).download(FILE).await.unwrap();
    assert_eq!(download.length, Some(10));
    let arrived = download.body.collect(99).await.map_err(|error| error.to_string());
    (arrived, transport.requests())
}

#[tokio::test(start_paused = true)]
async fn the_rest_is_asked_for_by_range_and_by_the_name_of_the_file() {
    let first_rest = answer(206, &[("content-range", "bytes 4-9/10"), ("etag", "\"a\"")], &["45"], false);
    let last_rest = answer(206, &[("content-range", "bytes 6-9/10"), ("etag", "\"a\"")], &["67", "89"], true);
    let (arrived, asked) = arriving([begun(), first_rest, last_rest]).await;
    assert_eq!(arrived, Ok(Bytes::from_static(b"0123456789")));
    let ranges: Vec<_> = asked.iter().map(|request| request.headers().get("range").cloned()).collect();
    assert_eq!(ranges, [None, Some("bytes=4-".parse().unwrap()), Some("bytes=6-".parse().unwrap())]);
    assert_eq!(asked[1].headers()["if-range"], "\"a\"");
    assert!(asked.iter().all(|request| request.uri() == FILE && !request.headers().contains_key("authorization")));
}

#[tokio::test(start_paused = true)]
async fn a_server_without_ranges_gives_the_whole_again_and_its_beginning_is_passed_over() {
    let length = ("content-length", "10");
    let (arrived, _) = arriving([begun(), answer(200, &[length], &["01", "234", "56789"], true)]).await;
    assert_eq!(arrived, Ok(Bytes::from_static(b"0123456789")));
}

#[tokio::test(start_paused = true)]
async fn two_files_are_never_put_together() {
    let length = ("content-length", "10");
    for other in [
        answer(206, &[("content-range", "bytes 4-9/10"), ("etag", "\"b\"")], &["456789"], true),
        answer(206, &[("content-range", "bytes 0-9/10"), ("etag", "\"a\"")], &["0123456789"], true),
        answer(200, &[length], &["9876543210"], true),
        answer(200, &[("content-length", "11")], &["01234567890"], true),
        answer(416, &[("content-range", "bytes */3")], &[], true),
    ] {
        let (arrived, _) = arriving([begun(), other]).await;
        assert!(arrived.unwrap_err().contains("another file"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_gone_meanwhile_is_told_without_its_address() {
    let (arrived, _) = arriving([begun(), answer(404, &[], &["<Error>gone</Error>"], true)]).await;
    let message = arrived.unwrap_err();
    assert!(message.contains("the rest cannot be had") && !message.contains("5igned"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_breaks_off_without_a_byte_in_between_is_given_up() {
    let nothing = || answer(206, &[("content-range", "bytes 4-9/10"), ("etag", "\"a\"")], &[], false);
    let (arrived, asked) = arriving([begun(), nothing(), nothing()]).await;
    assert_eq!((arrived, asked.len()), (Err("scripted".to_owned()), 3));
}

#[tokio::test(start_paused = true)]
async fn an_end_before_the_length_is_a_break_and_more_than_the_length_another_file() {
    let early = answer(200, &[("content-length", "10"), ("etag", "\"a\"")], &["0123"], true);
    let rest = answer(206, &[("content-range", "bytes 4-9/10")], &["456789"], true);
    assert_eq!(arriving([early, rest]).await.0, Ok(Bytes::from_static(b"0123456789")));
    let more = answer(200, &[("content-length", "10")], &["0123456789", "x"], true);
    assert!(arriving([more]).await.0.unwrap_err().contains("another file"));
}
