//! Bodies of every kind and size come through as they were, and come back so.

use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::routing::get;
use bytes::Bytes;
use futures::stream;

use crate::client::Caller;
use crate::record::raw_host::RawHost;
use crate::record::{exchanges, recorder, replay, served};

const PIECE: usize = 60_000;
const PATHS: [&str; 3] = ["whole", "pieces", "json"];

/// Bytes that are no text, and differ everywhere.
fn binary(length: u32) -> Vec<u8> {
    (0..length).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn text(length: usize) -> Vec<u8> {
    "Zürich, ".bytes().cycle().take(length).collect()
}

/// A host that serves a body under `/whole` with its length, under `/pieces` without, and under `/json` with a wrong type.
async fn host(body: Vec<u8>) -> String {
    let pieces = body.clone();
    let in_pieces = move || {
        let pieces: Vec<_> =
            pieces.chunks(PIECE).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece))).collect();
        async { Body::from_stream(stream::iter(pieces)) }
    };
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    let (json, whole) = ([(header::CONTENT_TYPE, "application/json")], body.clone());
    let routes = Router::new()
        .route("/whole", get(move || async move { (kind, whole) }))
        .route("/pieces", get(in_pieces))
        .route("/json", get(move || async move { (json, body) }));
    served(routes).await
}

#[tokio::test]
async fn a_body_comes_through_and_back_whatever_it_is() {
    for (body, is_text) in [
        (b"short".to_vec(), true),
        (b"\xff\x00short".to_vec(), false),
        (text(3_000_000), true),
        (binary(3_000_000), false),
        ([text(2_000_001), binary(10)].concat(), false),
        (Vec::new(), true),
    ] {
        let folder = tempfile::tempdir().expect("is made");
        let recorder = recorder(&host(body.clone()).await, folder.path()).await;
        for path in PATHS {
            let answer = Caller::new().get(&format!("{}/{path}", recorder.urls().queue)).await;
            assert!(answer.bytes().await.expect("arrives") == body, "{path}, {} bytes", body.len());
        }
        recorder.stop().await.expect("writes all");
        let replay = replay(folder.path()).await;
        for (exchange, path) in exchanges(folder.path()).iter().zip(PATHS) {
            assert_eq!(exchange.get("cut"), None, "{path}, {} bytes", body.len());
            let kept = exchange["answer"].get("body");
            assert_eq!(kept.is_some_and(|kept| kept["file"].is_object()), !is_text, "{path}, {} bytes", body.len());
            let again = Caller::new().get(&format!("{}/{path}", replay.urls().queue)).await;
            assert!(again.bytes().await.expect("arrives") == body, "{path}, {} bytes", body.len());
        }
    }
}

#[tokio::test]
async fn a_compressed_body_passes_but_is_not_kept_because_it_may_hide_anything() {
    let folder = tempfile::tempdir().expect("is made");
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 6\r\n\r\n";
    let host = RawHost::answering(format!("{head}hidden")).await;
    let recorder = recorder(&host.url, folder.path()).await;
    let answer = Caller::new().get(&format!("{}/x", recorder.urls().queue)).await;
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert_eq!(answer.bytes().await.expect("arrives").as_ref(), b"hidden");
    recorder.stop().await.expect("writes all");
    let [written] = exchanges(folder.path()).try_into().expect("is one");
    assert_eq!((&written["cut"], written["answer"].get("body")), (&true.into(), None));
}
