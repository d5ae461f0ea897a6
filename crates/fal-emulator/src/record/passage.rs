//! Bodies of answers on their way to the client: written down as they pass, and never held longer than they must be.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};

use crate::record::desk::Desk;
use crate::record::draft::Draft;
use crate::record::events::{Splitter, map_data};

/// A body as it comes from the host.
pub(super) type Pieces = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;

/// JSON: read to its end, so that addresses in it can be replaced.
pub(super) async fn rewritten(mut draft: Draft, mut pieces: Pieces, desk: &Desk) -> Body {
    let mut arrived = Vec::new();
    let is_cut = loop {
        match pieces.next().await {
            Some(Ok(piece)) => {
                draft.add(&piece);
                arrived.extend_from_slice(&piece);
            }
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    let own = match String::from_utf8(arrived) {
        Ok(text) => Bytes::from(desk.cleaner.addresses.to_own(&text)),
        Err(error) => Bytes::from(error.into_bytes()),
    };
    draft.finish(is_cut).await;
    if is_cut { Body::from_stream(cut_after(stream::iter([Ok(own)]))) } else { Body::from(own) }
}

/// Any file: each piece goes on as it comes. The length is that of the whole body in bytes, where it is known.
pub(super) fn relayed(draft: Draft, pieces: Pieces, length: Option<u64>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some((draft, pieces, length)), |state| async move {
        let (mut draft, mut pieces, left) = state?;
        let Some(piece) = pieces.next().await else {
            draft.finish(false).await;
            return None;
        };
        let Ok(piece) = piece else {
            draft.finish(true).await;
            return Some((broken_off().await, None));
        };
        draft.add(&piece);
        let left = left.map(|left| left.saturating_sub(piece.len() as u64));
        // With the last byte the client has all, and nobody asks for more.
        if left == Some(0) {
            draft.finish(false).await;
            return Some((Ok(piece), None));
        }
        Some((Ok(piece), Some((draft, pieces, left))))
    })
}

/// Server-sent events: each goes on as soon as it is whole.
pub(super) fn events(draft: Draft, pieces: Pieces, desk: &Arc<Desk>) -> impl Stream<Item = io::Result<Bytes>> + use<> {
    let live =
        LiveEvents { draft: Some(draft), pieces, splitter: Splitter::default(), is_cut: None, desk: Arc::clone(desk) };
    stream::unfold(live, |mut live| async move { Some((live.next().await?, live)) })
}

/// The body, and after it a cut of the connection.
pub(super) fn cut_after<S>(body: S) -> impl Stream<Item = io::Result<Bytes>> + use<S>
where
    S: Stream<Item = io::Result<Bytes>>,
{
    body.chain(stream::once(broken_off()))
}

struct LiveEvents {
    draft: Option<Draft>,
    pieces: Pieces,
    splitter: Splitter,
    /// Known once the stream has ended.
    is_cut: Option<bool>,
    desk: Arc<Desk>,
}

impl LiveEvents {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(event) = self.splitter.next() {
                return Some(Ok(self.pass(&event)));
            }
            let Some(is_cut) = self.is_cut else {
                match self.pieces.next().await {
                    Some(Ok(piece)) => self.splitter.push(&piece),
                    Some(Err(_)) => self.is_cut = Some(true),
                    None => self.is_cut = Some(false),
                }
                continue;
            };
            if let Some(rest) = self.splitter.rest() {
                return Some(Ok(self.pass(&rest)));
            }
            self.draft.take()?.finish(is_cut).await;
            return if is_cut { Some(broken_off().await) } else { None };
        }
    }

    fn pass(&mut self, event: &str) -> Bytes {
        if let Some(draft) = &mut self.draft {
            draft.add_event(event);
        }
        Bytes::from(map_data(event, |data| self.desk.cleaner.addresses.to_own(data)))
    }
}

/// An error, which cuts the connection, but not before what came first is on its way.
async fn broken_off() -> io::Result<Bytes> {
    tokio::task::yield_now().await;
    Err(io::Error::other("the host broke off"))
}
