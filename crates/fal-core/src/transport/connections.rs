//! How many calls may be under way at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{HostClass, TransportConfig};

/// A limit of calls under way, for each class of hosts apart, so that slow downloads do not keep a submit waiting. Status
/// streams have a limit of their own: they are open for minutes, and hardly ever say anything.
#[derive(Debug)]
pub(crate) struct Connections {
    limit: usize,
    classes: Mutex<HashMap<HostClass, Arc<Semaphore>>>,
    streams: Arc<Semaphore>,
}

impl Connections {
    /// At least one call may be under way.
    pub(crate) fn new(config: &TransportConfig) -> Self {
        let streams = Arc::new(Semaphore::new(config.streams.min(Semaphore::MAX_PERMITS)));
        Self { limit: config.connections.clamp(1, Semaphore::MAX_PERMITS), classes: Mutex::default(), streams }
    }

    /// Waits for its turn. The turn ends when what is returned is dropped.
    pub(crate) async fn turn(&self, class: HostClass) -> Option<OwnedSemaphorePermit> {
        let semaphore = {
            let mut classes = self.classes.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(classes.entry(class).or_insert_with(|| Arc::new(Semaphore::new(self.limit))))
        };
        // It is never closed.
        semaphore.acquire_owned().await.ok()
    }

    /// Leave for another status stream, until it is dropped; `None` when there are as many as there may be.
    pub(crate) fn stream(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.streams).try_acquire_owned().ok()
    }
}
