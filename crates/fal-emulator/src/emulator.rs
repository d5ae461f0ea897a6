//! The emulator itself: built, started, asked, and stopped when it is dropped.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::AbortHandle;

use crate::auth::Keys;
use crate::error::Error;
use crate::front::{self, Authority, CaCertificate};
use crate::ledger::Ledger;
use crate::pace::Pace;
use crate::request_log::RecordedRequest;
use crate::runner;
use crate::server;
use crate::shared::{Shared, SharedState};
use crate::state_dir::{Lock, StateDir};
use crate::urls::Urls;

/// A running emulator. It stops, connections and renderings included, when it is dropped.
#[derive(Debug)]
#[must_use = "the emulator stops when it is dropped"]
pub struct Emulator {
    address: SocketAddr,
    urls: Urls,
    persistent: bool,
    shared: SharedState,
    server: AbortHandle,
    ca: Option<CaCertificate>,
    // Declared last: another emulator may take the state over only when all else has stopped.
    _lock: Option<Lock>,
}

/// What an emulator is made of; every setting has a default.
///
/// # Defaults
///
/// | setting | default |
/// |---|---|
/// | [`api_key`](Builder::api_key) | any key of the form `id:secret` |
/// | [`state_dir`](Builder::state_dir) | none: nothing outlives the emulator |
/// | [`port`](Builder::port) | 0: any free port |
/// | [`pace`](Builder::pace) | [`Pace::Realistic`] |
/// | [`https`](Builder::https) | no: the URLs are http |
/// | [`proxy`](Builder::proxy) | no |
#[derive(Default)]
#[must_use = "call `start`"]
pub struct Builder {
    api_key: Option<String>,
    state_dir: Option<PathBuf>,
    port: u16,
    pace: Pace,
    https: bool,
    proxy: bool,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("api_key", &self.api_key.as_ref().map(|_| "…"))
            .field("state_dir", &self.state_dir)
            .field("port", &self.port)
            .field("pace", &self.pace)
            .field("https", &self.https)
            .field("proxy", &self.proxy)
            .finish()
    }
}

impl Builder {
    /// Accepts this key alone, in fal's form `key_id:key_secret`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Keeps uploads, requests, videos and the ledger in this folder, which is created where it is missing.
    ///
    /// The next emulator that is started on it serves them again and takes up the requests that were not finished,
    /// under the same request id and without charging them again. One emulator at a time may use a folder: where
    /// another one holds it, this one starts on a temporary folder and [`Emulator::persistent`] is false.
    pub fn state_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(folder.into());
        self
    }

    /// The port on 127.0.0.1. With 0 and a state folder, the port of the last time is tried before any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Life-like or fast.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Makes the emulator's own URLs https, with a certificate of its own authority: see [`Emulator::ca_file`].
    ///
    /// The port still takes http as well, and is a [`proxy`](Builder::proxy).
    pub fn https(mut self, https: bool) -> Self {
        self.https = https;
        self
    }

    /// Makes the port an HTTP proxy for fal's host names, and for these alone; the emulator's own URLs stay http.
    ///
    /// A client that knows nothing of the emulator then runs unchanged with `HTTPS_PROXY=http://127.0.0.1:PORT`, where
    /// it trusts the emulator's authority: see [`Emulator::ca_file`]. All URLs in the answers are then fal's own.
    pub fn proxy(mut self, proxy: bool) -> Self {
        self.proxy = proxy;
        self
    }

    /// Starts the emulator on the current tokio runtime and returns as soon as it accepts connections.
    ///
    /// # Errors
    ///
    /// [`Error`], where the port is taken, the state folder cannot be used, no certificate can be made, or the key has
    /// not fal's form.
    pub async fn start(self) -> Result<Emulator, Error> {
        let keys = Keys::accepting(self.api_key)?;
        let (state, lock) = StateDir::open(self.state_dir)?;
        let persistent = lock.is_some();
        let listener = front::listen(self.port, &state).await?;
        let address = listener.address;
        let urls = Urls::at(address, self.https);
        // Not made unasked, so that a plain start stays fast.
        let authority = if self.https || self.proxy { Some(Authority::open(&state)?) } else { None };
        let tls = authority.as_ref().map(front::acceptor).transpose()?;
        let shared: SharedState = Arc::new(Shared::new(urls.clone(), keys, self.pace, state)?);
        runner::take_up(&shared);
        let server = listener.spawn(server::routes(Arc::clone(&shared)), tls);
        let ca = authority.map(Authority::into_certificate);
        Ok(Emulator { address, urls, persistent, shared, server, ca, _lock: lock })
    }
}

impl Emulator {
    /// An emulator with the [defaults](Builder#defaults), to be changed before it starts.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens: for the URL of the [`proxy`](Builder::proxy), or to redirect fal's host names to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL of each host class.
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The bill. The handle stays current, and outlives the emulator.
    pub fn ledger(&self) -> Ledger {
        Ledger::of(Arc::clone(&self.shared.board))
    }

    /// The certificate, as PEM, that a client has to trust for https; `None` without [`https`](Builder::https) and
    /// [`proxy`](Builder::proxy).
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca.as_ref().map(|ca| ca.pem.as_str())
    }

    /// The file with that certificate, for `SSL_CERT_FILE` and `NODE_EXTRA_CA_CERTS`.
    ///
    /// It stays the same for as long as the state folder does, and goes away with an emulator that has none. Its
    /// authority can vouch for fal's names and loopback alone.
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca.as_ref().map(|ca| ca.file.as_path())
    }

    /// The last 100,000 HTTP requests received since the start, in order.
    ///
    /// A `CONNECT` and what the proxy refused are not among them: these are not for fal.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.log.all()
    }

    /// How many files clients have uploaded since the start; rendered videos do not count.
    pub fn uploads(&self) -> usize {
        self.shared.files.uploads()
    }

    /// Whether what happens is kept for the next start: false without a state folder, and where another process holds it.
    pub fn persistent(&self) -> bool {
        self.persistent
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.server.abort();
        self.shared.stop();
    }
}
