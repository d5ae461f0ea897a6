//! The emulator itself: built, started, asked, and stopped when it is dropped.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::auth::Keys;
use crate::error::Error;
use crate::ledger::Ledger;
use crate::pace::Pace;
use crate::request_log::RecordedRequest;
use crate::runner;
use crate::server;
use crate::shared::{Shared, SharedState};
use crate::state_dir::{Lock, StateDir};
use crate::storage::{self, StoredFile};
use crate::urls::Urls;

/// How long a CDN token is good for where nothing else is asked.
const TOKEN_LIFE: Duration = Duration::from_secs(60 * 60);

/// A running emulator. It stops, connections and renderings included, when it is dropped.
#[derive(Debug)]
#[must_use = "the emulator stops when it is dropped"]
pub struct Emulator {
    urls: Urls,
    persistent: bool,
    shared: SharedState,
    server: AbortHandle,
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
/// | [`token_life`](Builder::token_life) | one hour |
#[derive(Default)]
#[must_use = "call `start`"]
pub struct Builder {
    api_key: Option<String>,
    state_dir: Option<PathBuf>,
    port: u16,
    pace: Pace,
    token_life: Option<Duration>,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("api_key", &self.api_key.as_ref().map(|_| "…"))
            .field("state_dir", &self.state_dir)
            .field("port", &self.port)
            .field("pace", &self.pace)
            .field("token_life", &self.token_life)
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

    /// How long a token of the CDN is good for, on the clock of tokio, which a test can pause. fal's own time is not
    /// published.
    pub fn token_life(mut self, life: Duration) -> Self {
        self.token_life = Some(life);
        self
    }

    /// Starts the emulator on the current tokio runtime and returns as soon as it accepts connections.
    ///
    /// # Errors
    ///
    /// [`Error`], where the port is taken, the state folder cannot be used, or the key has not fal's form.
    pub async fn start(self) -> Result<Emulator, Error> {
        let keys = Keys::accepting(self.api_key)?;
        let (state, lock) = StateDir::open(self.state_dir)?;
        let persistent = lock.is_some();
        let listener = server::listen(self.port, &state).await?;
        let urls = Urls::at(listener.address);
        let token_life = self.token_life.unwrap_or(TOKEN_LIFE);
        let shared: SharedState = Arc::new(Shared::new(urls.clone(), keys, token_life, self.pace, state)?);
        runner::take_up(&shared);
        storage::keep_sweeping(&shared);
        let server = server::spawn(listener, Arc::clone(&shared));
        Ok(Emulator { urls, persistent, shared, server, _lock: lock })
    }
}

impl Emulator {
    /// An emulator with the [defaults](Builder#defaults), to be changed before it starts.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL of each host class.
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The bill. The handle stays current, and outlives the emulator.
    pub fn ledger(&self) -> Ledger {
        Ledger::of(Arc::clone(&self.shared.board))
    }

    /// Every HTTP request received since the start, in order.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.log.all()
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
        self.server.abort();
        self.shared.stop();
    }
}
