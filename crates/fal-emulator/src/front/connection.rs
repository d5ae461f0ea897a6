//! One connection: it is served until the client leaves, or until an answer says that it must be cut.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::front::cut::{Cut, Cutter, Socket};
use crate::front::origin;
use crate::front::tunnel::Tunnel;

/// The first byte of every TLS connection: a handshake record. No HTTP method starts with it.
const TLS_HANDSHAKE: u8 = 0x16;
/// Requests in progress on one HTTP/2 connection. A client that watches tens of thousands of generations keeps a status
/// stream open for each, all on one connection; with the usual 200 the others would wait, unseen, for one of them to end.
const STREAMS: u32 = 100_000;

/// What the layers of a connection have in common, whether socket, TLS, or tunnel.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// What every connection is served with.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) routes: Router,
    /// `None`: HTTP in the clear alone, and no tunnels.
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Service {
    /// Serves HTTP/1.1 and HTTP/2 on a connection until it ends.
    pub(crate) async fn serve(self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let is_tls = self.tls.is_some() && starts_with_tls(&stream).await;
        let cutter = Arc::new(Cutter::default());
        let socket = Socket::new(stream, Arc::clone(&cutter));
        tokio::select! {
            // A connection that the client breaks off is the client's affair.
            _ = self.converse(socket, is_tls, &cutter) => {}
            () = cutter.asked() => {}
        }
        cutter.carry_out().await;
    }

    /// Speaks HTTP, and over TLS again through each tunnel that is opened.
    async fn converse(&self, socket: Socket, mut is_tls: bool, cutter: &Arc<Cutter>) -> io::Result<()> {
        let mut stream: Box<dyn Stream> = Box::new(socket);
        loop {
            if is_tls && let Some(tls) = &self.tls {
                stream = Box::new(tls.accept(stream).await?);
            }
            let Some(tunnel) = self.speak_http(stream, cutter).await else { return Ok(()) };
            stream = Box::new(TokioIo::new(tunnel.await.map_err(io::Error::other)?));
            is_tls = true;
        }
    }

    /// Ends with the connection, or with the tunnel that it has become.
    async fn speak_http(&self, stream: Box<dyn Stream>, cutter: &Arc<Cutter>) -> Option<OnUpgrade> {
        let tunnel = Tunnel::allowed(self.tls.is_some());
        let service = service_fn(|request| answer(request, self.routes.clone(), Arc::clone(cutter), tunnel.clone()));
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http2().max_concurrent_streams(STREAMS);
        builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await.ok()?;
        tunnel.opened()
    }
}

async fn starts_with_tls(stream: &TcpStream) -> bool {
    let mut first = [0];
    matches!(stream.peek(&mut first).await, Ok(1)) && first[0] == TLS_HANDSHAKE
}

async fn answer(
    mut request: Request<Incoming>,
    routes: Router,
    cutter: Arc<Cutter>,
    tunnel: Tunnel,
) -> Result<Response, Infallible> {
    if request.method() == Method::CONNECT {
        return Ok(tunnel.open(request));
    }
    if let Err(refusal) = origin::place(&mut request) {
        return Ok(refusal);
    }
    let response = routes.oneshot(request).await?;
    if let Some(cut) = response.extensions().get::<Cut>() {
        cutter.ask(*cut);
        return pending().await;
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::routing::get;
    use futures::future::join_all;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::sync::Barrier;
    use tokio::task::JoinSet;

    use super::*;

    /// A client's greeting, its empty settings, and `GET /` as the only stream.
    const HTTP2_GET: &[u8] =
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x03\x01\x05\0\0\0\x01\x82\x86\x84";
    const HTTP1_GET: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    /// Serves the routes without TLS; the address, and what ends them when dropped.
    async fn serving(routes: Router) -> (String, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("has one").to_string();
        let service = Service { routes, tls: None };
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(service.clone().serve(stream));
            }
        });
        (address, tasks)
    }

    /// What a client reads that sends this and gets its connection cut.
    async fn cut(cut: Cut, sent: &[u8]) -> io::Result<Vec<u8>> {
        let (address, _tasks) = serving(Router::new().route("/", get(async move || cut).post(async move || cut))).await;
        let mut client = TcpStream::connect(address).await?;
        client.write_all(sent).await?;
        let mut read = Vec::new();
        client.read_to_end(&mut read).await?;
        Ok(read)
    }

    fn is_reset(result: &io::Result<Vec<u8>>) -> bool {
        result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
    }

    #[tokio::test]
    async fn a_connection_is_closed_or_reset_in_place_of_an_answer() {
        assert_eq!(cut(Cut::Close, HTTP1_GET).await.expect("ends in order"), b"");
        assert!(is_reset(&cut(Cut::Reset, HTTP1_GET).await));
    }

    #[tokio::test]
    async fn a_body_that_was_not_read_does_not_turn_a_close_into_a_reset() {
        let mut request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n".to_vec();
        request.resize(request.len() + 1_000_000, b'x');
        assert_eq!(cut(Cut::Close, &request).await.expect("ends in order"), b"");
    }

    #[tokio::test]
    async fn over_http_2_the_whole_connection_is_cut() {
        const HEADERS: u8 = 1;
        let greeted = cut(Cut::Close, HTTP2_GET).await.expect("ends in order");
        assert_eq!(greeted.get(3), Some(&4), "settings come first");
        let mut frames = greeted.as_slice();
        while let [a, b, c, kind, ..] = frames {
            assert_ne!(*kind, HEADERS, "no stream was answered");
            frames = &frames[9 + u32::from_be_bytes([0, *a, *b, *c]) as usize..];
        }
        assert!(is_reset(&cut(Cut::Reset, HTTP2_GET).await));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn thousands_of_streams_are_open_at_once_on_one_connection() {
        let all_open = Arc::new(Barrier::new(5000));
        let waiting = async move || {
            all_open.wait().await;
        };
        let (address, _tasks) = serving(Router::new().route("/", get(waiting))).await;
        let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().expect("builds");
        let requests = (0..5000).map(|_| client.get(format!("http://{address}/")).send());
        let answers = tokio::time::timeout(Duration::from_secs(60), join_all(requests)).await.expect("all are served");
        assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.status() == 200)));
    }
}
