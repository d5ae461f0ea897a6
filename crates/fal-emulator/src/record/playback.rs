//! A recorded answer, given again: with this listener's addresses, and cut where it was cut.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use axum::body::Body as Sent;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, sleep_until};

use crate::front::Cut;
use crate::pace::Pace;
use crate::record::addresses::Addresses;
use crate::record::exchange::{Answer, Body, Exchange};
use crate::record::folder::Folder;
use crate::record::json_text::compact;
use crate::record::passage::cut_after;

/// Bytes read from the disk at a time.
const CHUNK: usize = 64 * 1024;

/// The answer of an exchange; where it had none, the connection is closed as it was then.
pub(super) fn play(exchange: &Exchange, folder: &Folder, addresses: &Addresses, pace: Pace) -> Response {
    let Some(answer) = &exchange.answer else { return Cut::Close.into_response() };
    let body = match &answer.body {
        None => whole(String::new(), exchange.cut),
        Some(Body::Json(json)) => whole(addresses.placeholder_to_own(&compact(json.get())), exchange.cut),
        Some(Body::Text(text)) => whole(addresses.placeholder_to_own(text), exchange.cut),
        Some(Body::File(file)) => streamed(chunks(folder.file(file)), exchange.cut),
        Some(Body::Events(events)) => {
            let spelt = events.iter().map(|event| (event.at_ms, event.spelt(addresses))).collect();
            streamed(timed(spelt, pace), exchange.cut)
        }
    };
    let mut response = body.into_response();
    // A status or header that HTTP does not know can only have been written by hand.
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    set_headers(&mut response, answer, addresses);
    response
}

fn set_headers(response: &mut Response, answer: &Answer, addresses: &Addresses) {
    for (name, value) in &answer.headers {
        let value = HeaderValue::from_bytes(addresses.placeholder_to_own(value).as_bytes());
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value) {
            response.headers_mut().insert(name, value);
        }
    }
}

fn whole(text: String, is_cut: bool) -> Sent {
    if is_cut { streamed(stream::iter([Ok(Bytes::from(text))]), true) } else { Sent::from(text) }
}

fn streamed(pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static, is_cut: bool) -> Sent {
    if is_cut { Sent::from_stream(cut_after(pieces)) } else { Sent::from_stream(pieces) }
}

/// Each event at its time after the head of the answer, or all at once.
fn timed(events: Vec<(u64, String)>, pace: Pace) -> impl Stream<Item = io::Result<Bytes>> {
    let begun = Instant::now();
    stream::iter(events).then(move |(at_ms, event)| async move {
        if pace == Pace::Realistic {
            sleep_until(begun + Duration::from_millis(at_ms)).await;
        }
        Ok(Bytes::from(event))
    })
}

fn chunks(path: PathBuf) -> impl Stream<Item = io::Result<Bytes>> {
    stream::once(File::open(path)).flat_map(|opened| match opened {
        Ok(file) => stream::try_unfold(file, next_chunk).left_stream(),
        Err(error) => stream::iter([Err(error)]).right_stream(),
    })
}

async fn next_chunk(mut file: File) -> io::Result<Option<(Bytes, File)>> {
    let mut chunk = BytesMut::with_capacity(CHUNK);
    let read = file.read_buf(&mut chunk).await?;
    Ok((read > 0).then(|| (chunk.freeze(), file)))
}
