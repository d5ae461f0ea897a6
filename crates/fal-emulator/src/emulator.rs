//! The emulator itself: built, started, asked, and stopped when it is dropped.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;

use crate::auth::Keys;
use crate::error::Error;
use crate::faults::{FaultRule, Faults, Plan, Script};
use crate::front::{self, Authority, CaCertificate, Serving};
use crate::ledger::Ledger;
use crate::pace::Pace;
use crate::payload_life;
use crate::request_log::RecordedRequest;
use crate::runner;
use crate::server;
use crate::settings::{Retention, Settings};
use crate::shared::{Shared, SharedState};
use crate::state_dir::{Lock, StateDir};
use crate::storage::{self, StoredFile};
use crate::urls::Urls;
use crate::webhook::Delivery;

/// A running emulator. It stops, connections and renderings included, when it is dropped.
#[derive(Debug)]
#[must_use = "the emulator stops when it is dropped"]
pub struct Emulator {
    address: SocketAddr,
    urls: Urls,
    persistent: bool,
    shared: SharedState,
    server: Serving,
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
/// | [`runners`](Builder::runners) | 2 |
/// | [`rendering`](Builder::rendering) | on |
/// | [`inference_time`](Builder::inference_time) | as long as rendering takes |
/// | [`inference_spread`](Builder::inference_spread) | none |
/// | [`result_life`](Builder::result_life) | one hour; six minutes from 10,000 bytes on |
/// | [`fault`](Builder::fault) | none |
/// | [`faults_script`](Builder::faults_script) | none |
/// | [`seed`](Builder::seed) | the script's, else 0 |
/// | [`https`](Builder::https) | no: the URLs are http |
/// | [`proxy`](Builder::proxy) | no |
/// | [`token_life`](Builder::token_life) | one hour |
/// | [`history_lag`](Builder::history_lag) | none |
/// | [`balance_usd`](Builder::balance_usd) | a credit without end |
#[derive(Default)]
#[must_use = "call `start`"]
pub struct Builder {
    api_key: Option<String>,
    state_dir: Option<PathBuf>,
    port: u16,
    settings: Settings,
    faults: Vec<FaultRule>,
    faults_script: Option<PathBuf>,
    seed: Option<u64>,
    https: bool,
    proxy: bool,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("api_key", &self.api_key.as_ref().map(|_| "…"))
            .field("state_dir", &self.state_dir)
            .field("port", &self.port)
            .field("settings", &self.settings)
            .field("faults", &self.faults)
            .field("faults_script", &self.faults_script)
            .field("seed", &self.seed)
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
        self.settings.pace = pace;
        self
    }

    /// How many requests are in progress at a time; the others wait. fal's limit for a new account is 2.
    pub fn runners(mut self, runners: usize) -> Self {
        self.settings.runners = runners;
        self
    }

    /// Whether videos are rendered. Otherwise every request gets the same clip of one grey second, its pictures are not
    /// loaded, and the emulator is as fast as HTTP allows: for load tests.
    pub fn rendering(mut self, rendering: bool) -> Self {
        self.settings.rendering = rendering;
        self
    }

    /// The least time that a request is in progress, on tokio's clock.
    pub fn inference_time(mut self, time: Duration) -> Self {
        self.settings.inference_time = time;
        self
    }

    /// Adds to the [`inference_time`](Builder::inference_time) of each request a time between none and this, so that those
    /// that begin together do not end together.
    pub fn inference_spread(mut self, spread: Duration) -> Self {
        self.settings.inference_spread = spread;
        self
    }

    /// How long a result is kept after the request has completed, on tokio's clock: one below 10,000 bytes, and one from there on.
    pub fn result_life(mut self, small: Duration, large: Duration) -> Self {
        self.settings.retention = Retention { small, large };
        self
    }

    /// Lets this go wrong; called again, it adds a rule behind the former ones.
    pub fn fault(mut self, rule: FaultRule) -> Self {
        self.faults.push(rule);
        self
    }

    /// Takes rules from this file in TOML; they come behind those of [`fault`](Builder::fault).
    pub fn faults_script(mut self, file: impl Into<PathBuf>) -> Self {
        self.faults_script = Some(file.into());
        self
    }

    /// What the choices of faults by probability follow from: with the same seed and the same rules, the n-th exchange that
    /// matches a rule is hit again or spared again.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
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

    /// How long a token of the CDN is good for, on the clock of tokio, which a test can pause. fal's own time is not
    /// published.
    pub fn token_life(mut self, life: Duration) -> Self {
        self.settings.token_life = life;
        self
    }

    /// How late the platform API learns that a request was begun, ended or billed, on tokio's clock. fal's own delay is not
    /// published.
    pub fn history_lag(mut self, lag: Duration) -> Self {
        self.settings.history_lag = lag;
        self
    }

    /// What was paid into the account, in USD. Every charge in the ledger counts against it, those of former runs on the same
    /// state folder too; when nothing is left, submits and direct calls get fal's 403.
    ///
    /// Without it the credit never ends, and the platform API shows 100 USD.
    pub fn balance_usd(mut self, paid_in: Decimal) -> Self {
        self.settings.balance = Some(paid_in);
        self
    }

    /// Starts the emulator on the current tokio runtime and returns as soon as it accepts connections.
    ///
    /// # Errors
    ///
    /// [`Error`], where the port is taken, the state folder cannot be used, the fault script cannot be read or has a mistake,
    /// no certificate can be made, or the key has not fal's form.
    pub async fn start(self) -> Result<Emulator, Error> {
        let keys = Keys::accepting(self.api_key)?;
        let script = self.faults_script.as_deref().map_or_else(|| Ok(Script::default()), Script::read)?;
        let plan =
            Plan::new(self.seed.or(script.seed).unwrap_or_default(), self.faults.into_iter().chain(script.rules));
        let (state, lock) = StateDir::open(self.state_dir)?;
        let persistent = lock.is_some();
        let listener = front::listen(self.port, &state).await?;
        let address = listener.address;
        let urls = Urls::at(address, self.https);
        // Not made unasked, so that a plain start stays fast.
        let authority = if self.https || self.proxy { Some(Authority::open(&state)?) } else { None };
        let tls = authority.as_ref().map(front::acceptor).transpose()?;
        let shared: SharedState = Arc::new(Shared::new(urls.clone(), keys, self.settings, plan, state)?);
        runner::take_up(&shared);
        storage::keep_sweeping(&shared);
        payload_life::keep_forgetting(&shared);
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

    /// Stops it, and returns when port, connections and tasks are closed. Dropping it stops it too, and does not wait.
    ///
    /// A rendering that is under way is told to end, and may end a moment later.
    pub async fn stop(mut self) {
        self.server.end().await;
        self.shared.stop();
        self.shared.ended().await;
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

    /// What goes wrong on demand. The handle stays current.
    pub fn faults(&self) -> Faults {
        self.shared.faults.clone()
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

    /// Every attempt to tell a webhook since the start, in order.
    pub fn webhook_deliveries(&self) -> Vec<Delivery> {
        self.shared.webhooks.deliveries.all()
    }

    /// The endpoints that it serves, in the order of the README's table.
    pub fn endpoints(&self) -> impl Iterator<Item = &'static str> + use<> {
        crate::models::all().iter().map(|model| model.endpoint_id)
    }

    /// How many files clients have uploaded since the start; one in parts counts once, rendered videos do not count.
    pub fn uploads(&self) -> usize {
        self.shared.files.uploads()
    }

    /// Every file there is, uploads and rendered videos, in the order in which they were begun. Expired ones are gone.
    pub fn files(&self) -> Vec<StoredFile> {
        let files = self.shared.files.all().into_iter();
        files.map(|record| StoredFile::of(record, &self.urls.cdn)).collect()
    }

    /// Whether what happens is kept for the next start: false without a state folder, and where another process holds it.
    pub fn persistent(&self) -> bool {
        self.persistent
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.shared.stop();
    }
}
