//! The load: bare HTTP clients, so that the server's share of the two cores is as large as it can be.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// One connection of its own, or one stream of a connection that many share.
pub(crate) enum Client {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

impl Client {
    /// An HTTP/1.1 connection.
    pub(crate) async fn connect(address: &str) -> Self {
        let (sender, connection) = http1::handshake(TokioIo::new(open(address).await)).await.expect("shakes hands");
        tokio::spawn(connection);
        Self::Http1(sender)
    }

    /// Many clients on one HTTP/2 connection, in the clear.
    pub(crate) async fn multiplexed(address: &str) -> impl Fn() -> Self {
        share(open(address).await).await
    }

    /// Many clients on one HTTP/2 connection over TLS, whose authority is the given one.
    pub(crate) async fn encrypted(address: &str, ca_pem: &str) -> impl Fn() -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).expect("is PEM")).expect("is an authority");
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions().expect("fit the provider");
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let name = ServerName::try_from("127.0.0.1").expect("is a name");
        let tls = TlsConnector::from(Arc::new(config)).connect(name, open(address).await).await;
        share(tls.expect("is trusted")).await
    }

    /// Sends a request and gives the answer when its head is there.
    pub(crate) async fn begin(&mut self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        let answer = match self {
            Self::Http1(sender) => {
                sender.ready().await.expect("takes requests");
                sender.send_request(request).await
            }
            Self::Http2(sender) => {
                sender.ready().await.expect("takes requests");
                sender.send_request(request).await
            }
        };
        answer.expect("answers")
    }

    /// Sends a request and reads the whole answer, which has to be a success.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Bytes {
        let answer = self.begin(request).await;
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.into_body().collect().await.expect("arrives").to_bytes()
    }
}

async fn share(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> impl Fn() -> Client {
    let handshake = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(1 << 24)
        .handshake(TokioIo::new(stream));
    let (sender, connection) = handshake.await.expect("shakes hands");
    tokio::spawn(connection);
    move || Client::Http2(sender.clone())
}

async fn open(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("connects");
    stream.set_nodelay(true).expect("is a TCP socket");
    stream
}
