//! What all handlers and runners of one emulator share.

use std::fmt;
use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinSet;

use crate::auth::Keys;
use crate::board::Board;
use crate::clock::Clock;
use crate::error::Error;
use crate::faults::{Faults, Plan};
use crate::platform::Once;
use crate::request_log::RequestLog;
use crate::run::BrowserTokens;
use crate::settings::Settings;
use crate::state_dir::StateDir;
use crate::storage::{Files, Multiparts, Tickets, Tokens};
use crate::urls::Urls;
use crate::webhook::Webhooks;

/// How many videos are rendered at a time; each uses two threads.
const RENDERERS: usize = 2;

pub(crate) type SharedState = Arc<Shared>;

/// The parts of one emulator.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) urls: Urls,
    pub(crate) keys: Keys,
    pub(crate) tokens: Tokens,
    pub(crate) tickets: Tickets,
    pub(crate) settings: Settings,
    pub(crate) faults: Faults,
    pub(crate) multiparts: Multiparts,
    pub(crate) log: RequestLog,
    /// The deletions of payloads that came with an idempotency key.
    pub(crate) deletions: Once,
    pub(crate) files: Files,
    pub(crate) board: Arc<Board>,
    pub(crate) webhooks: Webhooks,
    pub(crate) browser_tokens: BrowserTokens,
    pub(crate) renderers: Semaphore,
    /// The file id of the clip that stands for every video where rendering is off.
    pub(crate) clip: OnceCell<String>,
    stopping: AtomicBool,
    tasks: Mutex<JoinSet<()>>,
}

impl Shared {
    pub(crate) fn new(urls: Urls, keys: Keys, settings: Settings, plan: Plan, state: StateDir) -> Result<Self, Error> {
        let state = Arc::new(state);
        let clock = Clock::start();
        Ok(Self {
            clock,
            urls,
            keys,
            tokens: Tokens::new(settings.token_life, clock),
            tickets: Tickets::default(),
            settings,
            faults: Faults::of(plan),
            multiparts: Multiparts::new(clock),
            log: RequestLog::default(),
            deletions: Once::default(),
            webhooks: Webhooks::open(&state)?,
            browser_tokens: BrowserTokens::open(&state)?,
            files: Files::open(Arc::clone(&state), clock)?,
            board: Arc::new(Board::open(state, clock, settings.runners)?),
            renderers: Semaphore::new(RENDERERS),
            clip: OnceCell::new(),
            stopping: AtomicBool::new(false),
            tasks: Mutex::new(JoinSet::new()),
        })
    }

    /// Runs a task that ends with the emulator.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        if !self.is_stopping() {
            tasks.spawn(task);
        }
    }

    /// Does what writes records: where they last, away from the threads that serve; else at once, since nothing is written.
    pub(crate) async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        if !self.board.is_durable() {
            return work();
        }
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|broken| Err(io::Error::other(broken)))
    }

    /// Ends every task, and the renderings that run outside the tasks.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        // Blocking work cannot be aborted; its outcome goes unrecorded, so that the next start takes it up.
        self.board.stop_all();
        self.multiparts.clear();
    }

    /// Waits until every task has ended that was stopped.
    pub(crate) async fn ended(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("settings", &self.settings).finish_non_exhaustive()
    }
}
