//! The load: a bare HTTP client, one connection each.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

/// One HTTP/1.1 connection.
pub(crate) struct Client(http1::SendRequest<Full<Bytes>>);

impl Client {
    pub(crate) async fn connect(address: &str) -> Self {
        let (sender, connection) = http1::handshake(TokioIo::new(open(address).await)).await.expect("shakes hands");
        tokio::spawn(connection);
        Self(sender)
    }

    /// Sends a request and reads the whole answer, which has to be a success.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Bytes {
        let answer = self.0.send_request(request).await.expect("answers");
        assert!(answer.status().is_success() || answer.status() == 422, "{}", answer.status());
        answer.into_body().collect().await.expect("arrives").to_bytes()
    }
}

/// One HTTP/2 connection for many streams.
pub(crate) async fn multiplexed(address: &str) -> http2::SendRequest<Full<Bytes>> {
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(open(address).await));
    let (sender, connection) = handshake.await.expect("shakes hands");
    tokio::spawn(connection);
    sender
}

async fn open(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("connects");
    stream.set_nodelay(true).expect("is a TCP socket");
    stream
}
