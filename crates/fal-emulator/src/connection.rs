//! One connection: it is served until the client leaves, or until an answer says that it must be cut.

use std::convert::Infallible;
use std::future::pending;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tower::ServiceExt;

/// How a connection ends in place of an answer. An answer that carries this in its extensions is never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Closed in order, as by a proxy that gave up: the client reads the end of the stream.
    Close,
    /// Reset, as by a peer that crashed.
    Reset,
}

impl IntoResponse for Cut {
    fn into_response(self) -> Response {
        let mut never_sent = Response::default();
        never_sent.extensions_mut().insert(self);
        never_sent
    }
}

/// The wish of an answer to have its connection cut.
#[derive(Default)]
struct Cutter {
    asked: Mutex<Option<Cut>>,
    woken: Notify,
}

impl Cutter {
    fn ask(&self, cut: Cut) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(cut);
        self.woken.notify_one();
    }

    fn is_reset(&self) -> bool {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) == Some(Cut::Reset)
    }
}

/// A socket that is reset instead of closed where that was asked.
struct Socket {
    stream: TcpStream,
    cutter: Arc<Cutter>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.cutter.is_reset() {
            // With no time to linger, closing throws away what was not sent and resets.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Serves HTTP/1.1 and HTTP/2 on a connection until it ends.
pub(crate) async fn serve(stream: TcpStream, routes: Router) {
    let _ = stream.set_nodelay(true);
    let cutter = Arc::new(Cutter::default());
    let socket = Socket { stream, cutter: Arc::clone(&cutter) };
    let asked = Arc::clone(&cutter);
    let service = service_fn(move |request| answer(request, routes.clone(), Arc::clone(&asked)));
    let builder = auto::Builder::new(TokioExecutor::new());
    tokio::select! {
        // A connection that the client breaks off is the client's affair.
        _ = builder.serve_connection(TokioIo::new(socket), service) => {}
        () = cutter.woken.notified() => {}
    }
}

async fn answer(request: Request<Incoming>, routes: Router, cutter: Arc<Cutter>) -> Result<Response, Infallible> {
    let response = routes.oneshot(request).await?;
    if let Some(cut) = response.extensions().get::<Cut>() {
        cutter.ask(*cut);
        return pending().await;
    }
    Ok(response)
}
