//! Bodies that come slowly, stop, or are cut.

use std::io;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};
use tokio::time::sleep;

type Chunk = Result<Bytes, axum::Error>;

/// How often a second a slow body moves.
const DRIPS_PER_SECOND: u32 = 10;
/// Before a connection is cut: time for the last bytes to leave.
const LAST_BYTES: Duration = Duration::from_millis(50);

/// Sends the body at so many bytes per second.
pub(super) fn dripping(answer: Response, bytes_per_second: u32) -> Response {
    let speed = bytes_per_second.max(1);
    with_body(answer, |body, _| body.flat_map(move |chunk| drip(chunk, speed)))
}

/// Half of the body, then silence.
pub(super) fn stalled(answer: Response) -> Response {
    with_body(answer, |body, length| first_bytes(body, half(length)).chain(stream::pending()))
}

/// So many bytes of the body, or half of it, then the end of the connection. A body that has no more stays whole.
pub(super) fn truncated(answer: Response, at: Option<u64>) -> Response {
    let length = answer.body().size_hint().exact().or_else(|| promised(answer.headers()));
    if at.is_some_and(|at| length.is_some_and(|length| length <= at)) {
        return answer;
    }
    with_body(answer, |body, length| first_bytes(body, at.or(half(length))).chain(stream::once(cut())))
}

fn half(length: Option<u64>) -> Option<u64> {
    length.map(|length| length / 2)
}

/// So many events of an event stream, then the end of the connection. Any other answer is left whole.
pub(super) fn cut_after(answer: Response, events: u32) -> Response {
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("text/event-stream")) {
        with_body(answer, |body, _| first_events(body, events))
    } else {
        answer
    }
}

/// Replaces the body, and keeps the length that was promised for it.
fn with_body<S>(answer: Response, change: impl FnOnce(BodyDataStream, Option<u64>) -> S) -> Response
where
    S: Stream<Item = Chunk> + Send + 'static,
{
    let (mut parts, body) = answer.into_parts();
    let length = body.size_hint().exact().or_else(|| promised(&parts.headers));
    if let Some(length) = length {
        parts.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, Body::from_stream(change(body.into_data_stream(), length)))
}

fn promised(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn drip(chunk: Chunk, bytes_per_second: u32) -> impl Stream<Item = Chunk> {
    let most = (bytes_per_second / DRIPS_PER_SECOND).max(1);
    stream::unfold(Some(chunk), move |left| async move {
        let mut left = match left? {
            Ok(left) if left.is_empty() => return None,
            Ok(left) => left,
            Err(error) => return Some((Err(error), None)),
        };
        let piece = left.split_to(left.len().min(most as usize));
        sleep(Duration::from_secs(piece.len() as u64) / bytes_per_second).await;
        Some((Ok(piece), Some(Ok(left))))
    })
}

/// So many bytes; without a number, the first piece.
fn first_bytes(body: BodyDataStream, most: Option<u64>) -> impl Stream<Item = Chunk> {
    stream::unfold((body, most), |(mut body, left)| async move {
        if left == Some(0) {
            return None;
        }
        let chunk = body.next().await?.map(|mut chunk| {
            chunk.truncate(left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX)));
            chunk
        });
        let sent = chunk.as_ref().map_or(0, Bytes::len) as u64;
        Some((chunk, (body, Some(left.map_or(0, |left| left - sent)))))
    })
}

/// The events until the cut; a body that ends before it ends as it would have.
fn first_events(body: BodyDataStream, events: u32) -> impl Stream<Item = Chunk> {
    stream::unfold(Some((body, BytesMut::new(), events)), |state| async move {
        let (mut body, mut read, mut left) = state?;
        if left == 0 {
            return Some((cut().await, None));
        }
        loop {
            if let Some(end) = read.windows(2).position(|pair| pair == b"\n\n") {
                let block = read.split_to(end + 2).freeze();
                left -= u32::from(is_event(&block));
                return Some((Ok(block), Some((body, read, left))));
            }
            match body.next().await {
                Some(Ok(chunk)) => read.extend_from_slice(&chunk),
                Some(Err(error)) => return Some((Err(error), None)),
                None => return Some((Ok(read.freeze()), None)),
            }
        }
    })
}

/// A block of comments is not an event.
fn is_event(block: &[u8]) -> bool {
    block.split(|byte| *byte == b'\n').any(|line| !line.is_empty() && !line.starts_with(b":"))
}

/// The error that makes the server give the connection up.
async fn cut() -> Chunk {
    sleep(LAST_BYTES).await;
    Err(axum::Error::new(io::Error::from(io::ErrorKind::ConnectionAborted)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;

    /// What arrives, and whether it ends in a cut.
    async fn arriving(answer: Response) -> (String, bool) {
        let chunks: Vec<Chunk> = answer.into_body().into_data_stream().collect().await;
        let is_cut = chunks.iter().any(Result::is_err);
        let bytes: Vec<u8> = chunks.into_iter().flatten().flatten().collect();
        (String::from_utf8(bytes).expect("is text"), is_cut)
    }

    fn events(pieces: &'static [&'static str]) -> Response {
        let body = Body::from_stream(stream::iter(pieces).map(|piece| Ok::<_, io::Error>(*piece)));
        ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_is_cut_behind_the_nth_event_wherever_its_pieces_end() {
        const PIECES: &[&str] = &["data: 1\n\nda", "ta: 2\n", "\n: ping\n\n", "data: 3\n\n"];
        for (count, expected, is_cut) in [
            (0, "", true),
            (1, "data: 1\n\n", true),
            (2, "data: 1\n\ndata: 2\n\n", true),
            (3, "data: 1\n\ndata: 2\n\n: ping\n\ndata: 3\n\n", true),
            (4, "data: 1\n\ndata: 2\n\n: ping\n\ndata: 3\n\n", false),
        ] {
            assert_eq!(arriving(cut_after(events(PIECES), count)).await, (expected.to_owned(), is_cut), "{count}");
        }
    }

    #[tokio::test]
    async fn what_is_no_event_stream_is_not_cut() {
        assert_eq!(arriving(cut_after("data: 1\n\n".into_response(), 0)).await, ("data: 1\n\n".to_owned(), false));
    }

    #[tokio::test(start_paused = true)]
    async fn half_of_a_body_arrives_under_its_full_length() {
        let answer = truncated("0123456789".into_response(), None);
        assert_eq!(answer.headers()["content-length"], "10");
        assert_eq!(arriving(answer).await, ("01234".to_owned(), true));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_cut_at_the_byte_that_is_named_and_a_shorter_one_stays_whole() {
        for (at, arrives, is_cut) in
            [(0, "", true), (3, "012", true), (9, "012345678", true), (10, "0123456789", false)]
        {
            let answer = truncated("0123456789".into_response(), Some(at));
            assert_eq!(arriving(answer).await, (arrives.to_owned(), is_cut), "{at}");
        }
    }
}
