//! A connection that ends in place of an answer.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf, copy, sink};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

/// How long a client may go on sending after its connection was closed.
const DRAIN: Duration = Duration::from_secs(5);

/// How a connection ends in place of an answer. An answer that carries this in its extensions is never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Closed in order, as by a proxy that gave up: the client reads the end of the stream.
    Close,
    /// Reset, as by a peer that crashed.
    Reset,
}

impl Cut {
    async fn carry_out(self, mut stream: TcpStream) {
        match self {
            // With no time to linger, closing throws away what was not sent and resets.
            Self::Reset => drop(stream.set_zero_linger()),
            Self::Close => {
                let _ = stream.shutdown().await;
                // A socket that is closed with something unread resets after all.
                let _ = timeout(DRAIN, copy(&mut stream, &mut sink())).await;
            }
        }
    }
}

impl IntoResponse for Cut {
    fn into_response(self) -> Response {
        let mut never_sent = Response::default();
        never_sent.extensions_mut().insert(self);
        never_sent
    }
}

/// The wish of an answer to have its connection cut, and the socket once the connection has let go of it.
#[derive(Default)]
pub(super) struct Cutter {
    asked: Notify,
    state: Mutex<(Option<Cut>, Option<TcpStream>)>,
}

impl Cutter {
    pub(super) fn ask(&self, cut: Cut) {
        self.state().0 = Some(cut);
        self.asked.notify_one();
    }

    /// Resolves when an answer has asked.
    pub(super) async fn asked(&self) {
        self.asked.notified().await;
    }

    /// Ends the connection as was asked, once everything that held its socket is dropped.
    pub(super) async fn carry_out(&self) {
        let left = std::mem::take(&mut *self.state());
        if let (Some(cut), Some(stream)) = left {
            cut.carry_out(stream).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, (Option<Cut>, Option<TcpStream>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket that outlives its connection where that has to be cut.
pub(super) struct Socket {
    /// `None` only while it is dropped.
    stream: Option<TcpStream>,
    cutter: Arc<Cutter>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, cutter: Arc<Cutter>) -> Self {
        Self { stream: Some(stream), cutter }
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(self.get_mut().stream.as_mut().expect("only dropping takes it"))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let mut state = self.cutter.state();
        if state.0.is_some() {
            state.1 = self.stream.take();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream().poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }
}
