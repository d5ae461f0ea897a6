//! Server-sent events in the body of an answer.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::header::CONTENT_TYPE;
use sse_stream::SseByteStream;

use crate::{Answer, Delivery, ResponseBody, TransportError};

/// The longest event that is read into memory, in bytes, with the comments before it.
const LONGEST_EVENT: usize = 4 << 20;

/// The `data` of each event, as it comes. Comments, fal's pings among them, only show that the line is alive. Ends with
/// the body; an event that the end cuts off is left out.
pub(crate) struct Events {
    inner: SseByteStream<Counted>,
    bytes: Arc<AtomicUsize>,
}

impl Events {
    pub(crate) fn of(body: ResponseBody) -> Self {
        let bytes = Arc::<AtomicUsize>::default();
        Self { inner: SseByteStream::new(Counted { body, bytes: Arc::clone(&bytes) }), bytes }
    }

    /// Whether an answer says that events follow.
    pub(crate) fn are_in(answer: &Answer) -> bool {
        let kind = answer.header(CONTENT_TYPE.as_str()).and_then(|kind| kind.split(';').next());
        kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/event-stream"))
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}

impl Stream for Events {
    type Item = Result<String, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(event) = std::task::ready!(self.inner.poll_next_unpin(context)) else { return Poll::Ready(None) };
            self.bytes.store(0, Ordering::Relaxed);
            match event {
                Ok(event) => match event.data {
                    Some(data) => return Poll::Ready(Some(Ok(data))),
                    None => continue,
                },
                Err(sse_stream::Error::Body(error)) => return Poll::Ready(Some(Err(broken(error)))),
                Err(error) => return Poll::Ready(Some(Err(unreadable().with_source(error)))),
            }
        }
    }
}

/// The body's own error, which the parser has boxed.
fn broken(error: Box<dyn std::error::Error + Send + Sync>) -> TransportError {
    error.downcast::<TransportError>().map_or_else(|error| unreadable().with_source(error), |error| *error)
}

fn unreadable() -> TransportError {
    TransportError::new(Delivery::Unknown, "the events cannot be read")
}

/// A body that is broken off when an event does not come to its end.
#[derive(Debug)]
struct Counted {
    body: ResponseBody,
    /// Since the last event.
    bytes: Arc<AtomicUsize>,
}

impl Stream for Counted {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = std::task::ready!(self.body.poll_next_unpin(context));
        if let Some(Ok(piece)) = &piece
            && LONGEST_EVENT < self.bytes.fetch_add(piece.len(), Ordering::Relaxed) + piece.len()
        {
            let message = format!("an event is longer than {LONGEST_EVENT} bytes");
            return Poll::Ready(Some(Err(TransportError::new(Delivery::Unknown, message))));
        }
        Poll::Ready(piece)
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use proptest::prelude::*;

    use super::*;

    /// The events of a body that comes in these pieces.
    async fn read(pieces: Vec<Vec<u8>>) -> Vec<Result<String, String>> {
        let body = ResponseBody::new(stream::iter(pieces.into_iter().map(|piece| Ok(Bytes::from(piece)))));
        Events::of(body).map(|event| event.map_err(|error| error.to_string())).collect().await
    }

    fn read_at_once(bytes: &[u8]) -> Vec<Result<String, String>> {
        futures::executor::block_on(read(vec![bytes.to_vec()]))
    }

    fn data(events: &[&str]) -> Vec<Result<String, String>> {
        events.iter().map(|event| Ok((*event).to_owned())).collect()
    }

    #[test]
    fn only_data_counts() {
        let body =
            b": ping\n\ndata: {\"a\":1}\n\nevent: x\ndata: {\"b\":\ndata: 2}\n\nid: 7\n\r\ndata:last\r\n\r\n: ping\n\n";
        assert_eq!(read_at_once(body), data(&["{\"a\":1}", "{\"b\":\n2}", "last"]));
    }

    #[test]
    fn an_event_that_the_end_cuts_off_is_left_out() {
        assert_eq!(read_at_once(b"data: 1\n\ndata: 2"), data(&["1"]));
        assert_eq!(read_at_once(b"data: 1\n\ndata: 2\n"), data(&["1"]));
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        let events = read_at_once(b"data: 1\n\ndata: \xff\n\ndata: 3\n\n");
        assert_eq!(events, vec![Ok("1".to_owned()), Err("the events cannot be read".to_owned())]);
    }

    #[tokio::test]
    async fn an_event_without_an_end_is_given_up_and_many_events_are_not() {
        let piece = vec![b'x'; 1 << 20];
        let endless = std::iter::once(b"data: ".to_vec()).chain(std::iter::repeat_n(piece.clone(), 5)).collect();
        let events = read(endless).await;
        assert_eq!(events, vec![Err("an event is longer than 4194304 bytes".to_owned())]);
        let event = [b"data: ".to_vec(), piece, b"\n\n".to_vec()].concat();
        assert_eq!(read(vec![event; 6]).await.len(), 6);
    }

    #[tokio::test]
    async fn the_bodys_own_error_comes_through() {
        let cut = TransportError::new(Delivery::Unknown, "the connection broke");
        let body = ResponseBody::new(stream::iter([Ok(Bytes::from("data: 1\n\n")), Err(cut)]));
        let events: Vec<_> = Events::of(body).collect().await;
        assert_eq!(events[1].as_ref().unwrap_err().to_string(), "the connection broke");
        assert_eq!(events.len(), 2);
    }

    /// Lines as a server may send them, and bytes that make no sense.
    fn line() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            "(data|event|id|retry|:|)(:| |: )[a-zäß{}\"]{0,9}".prop_map(String::into_bytes),
            Just(Vec::new()),
            proptest::collection::vec(any::<u8>(), 0..6),
        ]
    }

    fn stream_of_lines() -> impl Strategy<Value = Vec<u8>> {
        let end = prop_oneof![Just(&b"\n"[..]), Just(&b"\r\n"[..]), Just(&b"\r"[..])];
        let lines = proptest::collection::vec((line(), end), 0..30);
        lines.prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end.to_vec()].concat()).collect())
    }

    proptest! {
        #[test]
        fn how_the_bytes_are_cut_makes_no_difference(bytes in stream_of_lines(), cuts in proptest::collection::vec(1_usize..9, 0..99)) {
            let mut rest = bytes.as_slice();
            let mut pieces = Vec::new();
            for cut in cuts {
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece.to_vec());
                rest = after;
            }
            pieces.push(rest.to_vec());
            prop_assert_eq!(futures::executor::block_on(read(pieces)), read_at_once(&bytes));
        }
    }
}
