//! Notices that the client has gone: the end of its input.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::sync::CancellationToken;

/// A reader that cancels a token when its input ends. Whoever waits on a client's behalf need not wait any longer then.
#[derive(Debug)]
pub(crate) struct EndOfInput<R> {
    reader: R,
    ended: CancellationToken,
}

impl<R> EndOfInput<R> {
    pub(crate) fn new(reader: R, ended: CancellationToken) -> Self {
        Self { reader, ended }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for EndOfInput<R> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (room, before) = (into.remaining() != 0, into.filled().len());
        let polled = Pin::new(&mut self.reader).poll_read(context, into);
        let ended = match &polled {
            Poll::Ready(Ok(())) => room && into.filled().len() == before,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        if ended {
            self.ended.cancel();
        }
        polled
    }
}
