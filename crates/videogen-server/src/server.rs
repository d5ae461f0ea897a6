//! The server: bound to an address, run until it is asked to stop.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use videogen::{AllowedFolders, Videogen};

use crate::{Error, Token, routes};

/// How long open connections may go on once the server is asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// What a server is told.
///
/// # Defaults
/// - `listen`: 127.0.0.1:8790
/// - `token`: none; needed for every other than a loopback address
/// - `folders`: none, so that no picture can be given by its path
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServerConfig {
    /// The address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// What callers have to show.
    pub token: Option<Token>,
    /// Where pictures that are given by their path may be.
    pub folders: AllowedFolders,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 8790).into(), token: None, folders: AllowedFolders::default() }
    }
}

impl ServerConfig {
    /// Sets the address to listen on.
    pub fn with_listen(mut self, listen: SocketAddr) -> Self {
        self.listen = listen;
        self
    }

    /// Sets what callers have to show.
    pub fn with_token(mut self, token: Option<Token>) -> Self {
        self.token = token;
        self
    }

    /// Sets where pictures that are given by their path may be.
    pub fn with_folders(mut self, folders: AllowedFolders) -> Self {
        self.folders = folders;
        self
    }
}

/// What the routes work with.
pub(crate) struct Host {
    pub(crate) videogen: Arc<Videogen>,
    pub(crate) folders: AllowedFolders,
    pub(crate) token: Option<Token>,
    /// Whether only this machine can reach it, so that only names of this machine may be in a `Host` header.
    pub(crate) on_loopback: bool,
}

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    host: Host,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// Listens. Requests are answered from [`run`](Self::run) on.
    ///
    /// # Errors
    /// [`Error::NeedsToken`] for an address that others can reach, without a token; [`Error::Listen`].
    pub async fn bind(videogen: Arc<Videogen>, config: ServerConfig) -> Result<Self, Error> {
        let address = config.listen;
        let on_loopback = address.ip().is_loopback();
        if !on_loopback && config.token.is_none() {
            return Err(Error::NeedsToken { address });
        }
        let refused = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let host = Host { videogen, folders: config.folders, token: config.token, on_loopback };
        Ok(Self { listener, address, host })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `stop` is there; then open connections have 10 s to come to an end. Tasks go on;
    /// [`Videogen::close`] ends them.
    ///
    /// # Errors
    /// [`Error::Serve`] when the listener fails.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), Error> {
        let stopping = CancellationToken::new();
        let serving = axum::serve(self.listener, routes::all(self.host));
        let serving = serving.with_graceful_shutdown(stopping.clone().cancelled_owned()).into_future();
        let mut serving = std::pin::pin!(serving);
        tokio::select! {
            ended = &mut serving => return ended.map_err(Error::Serve),
            () = stop => stopping.cancel(),
        }
        match tokio::time::timeout(GRACE, serving).await {
            Ok(ended) => ended.map_err(Error::Serve),
            Err(_) => Ok(()),
        }
    }
}
