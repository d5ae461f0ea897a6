//! What all handlers and runners of one emulator share.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::auth::Keys;
use crate::board::Board;
use crate::clock::Clock;
use crate::error::Error;
use crate::pace::Pace;
use crate::request_log::RequestLog;
use crate::state_dir::StateDir;
use crate::storage::{Files, Multiparts, Tickets, Tokens};
use crate::urls::Urls;

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
    pub(crate) multiparts: Multiparts,
    pub(crate) pace: Pace,
    pub(crate) log: RequestLog,
    pub(crate) files: Files,
    pub(crate) board: Arc<Board>,
    pub(crate) renderers: Semaphore,
    stopping: AtomicBool,
    tasks: Mutex<JoinSet<()>>,
}

impl Shared {
    pub(crate) fn new(
        urls: Urls,
        keys: Keys,
        token_life: Duration,
        pace: Pace,
        state: StateDir,
    ) -> Result<Self, Error> {
        let (state, clock) = (Arc::new(state), Clock::start());
        Ok(Self {
            clock,
            urls,
            keys,
            tokens: Tokens::new(token_life, clock),
            tickets: Tickets::default(),
            multiparts: Multiparts::new(clock),
            pace,
            log: RequestLog::default(),
            files: Files::open(Arc::clone(&state), clock)?,
            board: Arc::new(Board::open(state)?),
            renderers: Semaphore::new(RENDERERS),
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

    /// Ends every task, and the renderings that run outside the tasks.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        // Blocking work cannot be aborted; its outcome goes unrecorded, so that the next start takes it up.
        self.board.stop_all();
        self.multiparts.clear();
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("pace", &self.pace).finish_non_exhaustive()
    }
}
