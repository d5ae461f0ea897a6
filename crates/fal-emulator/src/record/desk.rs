//! What all exchanges of one recorder share: the folder, the cleaner, the numbers, and what went wrong.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::error::Error;
use crate::record::cleaner::Cleaner;
use crate::record::exchange::Exchange;
use crate::record::folder::Folder;

/// Where exchanges are written down.
pub(super) struct Desk {
    pub(super) cleaner: Cleaner,
    pub(super) folder: Folder,
    clock: Clock,
    begun: AtomicU32,
    written: AtomicUsize,
    open: watch::Sender<usize>,
    fault: Mutex<Option<Error>>,
}

/// The place on the desk of an exchange that is not written yet.
pub(super) struct Place {
    pub(super) desk: Arc<Desk>,
    /// Counts from 1.
    pub(super) sequence: u32,
    pub(super) at: Timestamp,
}

impl Desk {
    pub(super) fn new(folder: Folder, cleaner: Cleaner) -> Self {
        Self {
            cleaner,
            folder,
            clock: Clock::start(),
            begun: AtomicU32::new(0),
            written: AtomicUsize::new(0),
            open: watch::Sender::new(0),
            fault: Mutex::default(),
        }
    }

    /// A place for the next exchange.
    pub(super) fn place(self: &Arc<Self>) -> Place {
        self.open.send_modify(|open| *open += 1);
        let sequence = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        Place { desk: Arc::clone(self), sequence, at: self.clock.now() }
    }

    /// How many exchanges have been written.
    pub(super) fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }

    /// Waits until every place is free, and gives the first fault there was.
    pub(super) async fn clear(&self) -> Result<(), Error> {
        // This fails only without a sender, and that one is here.
        let _ = self.open.subscribe().wait_for(|open| *open == 0).await;
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }

    /// Writes an exchange. A fault is noted: the client, whose request may have cost money, still gets its answer. Blocks on the disk.
    pub(super) fn write(&self, exchange: Result<Exchange, Error>) {
        match exchange.and_then(|exchange| self.folder.write(&exchange)) {
            Ok(()) => {
                self.written.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) => self.note(error),
        }
    }

    /// Keeps the first fault for the end.
    pub(super) fn note(&self, error: Error) {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("folder", &self.folder).field("written", &self.written).finish_non_exhaustive()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.desk.open.send_modify(|open| *open -= 1);
    }
}
