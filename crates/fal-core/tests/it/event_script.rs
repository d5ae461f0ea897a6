//! Answers that come piece by piece over (paused) time.

use std::time::Duration;

use bytes::Bytes;
use fal_core::{Delivery, ResponseBody, TransportError};
use futures::StreamExt;
use futures::stream;
use tokio::time::sleep;

use crate::scripted::Exchange;

/// A piece of a body.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// These bytes.
    Text(String),
    /// So many seconds in which nothing comes.
    Wait(u64),
    /// The connection breaks.
    Break,
}

/// An event with this data.
pub(crate) fn event(data: &str) -> Piece {
    Piece::Text(format!("data: {data}\n\n"))
}

/// What fal sends to show that the line is alive.
pub(crate) fn ping() -> Piece {
    Piece::Text(": ping\n\n".to_owned())
}

/// A stream of server-sent events.
pub(crate) fn events(pieces: impl IntoIterator<Item = Piece>) -> Exchange {
    let pieces: Vec<_> = pieces.into_iter().collect();
    let bytes = stream::iter(pieces).filter_map(|piece| async {
        match piece {
            Piece::Text(text) => Some(Ok(Bytes::from(text))),
            Piece::Wait(seconds) => {
                sleep(Duration::from_secs(seconds)).await;
                None
            }
            Piece::Break => Some(Err(TransportError::new(Delivery::Unknown, "scripted"))),
        }
    });
    let answer = http::Response::builder().status(200).header("content-type", "text/event-stream; charset=utf-8");
    Ok(answer.header("x-fal-request-id", "r-1").body(ResponseBody::new(bytes)).unwrap())
}
