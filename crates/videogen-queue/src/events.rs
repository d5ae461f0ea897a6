//! Everything that happens, as a stream that can be taken up again.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::{Stream, StreamExt, stream};

use crate::{Error, EventFilter, Queue, StoreError, TaskEvent, TaskStore};

impl Queue {
    /// What happens to tasks, of this process and of others: [`follow`], until the queue is stopped.
    pub fn events(
        &self,
        after: u64,
        filter: EventFilter,
    ) -> impl Stream<Item = Result<TaskEvent, Error>> + Send + use<> {
        let stopped = self.0.stop.clone();
        let told = follow(Arc::clone(&self.0.store), after, filter).map(|told| told.map_err(Error::from));
        told.take_until(async move { stopped.cancelled().await })
    }

    /// The number of what has happened last; 0: nothing has.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn last_event(&self) -> Result<u64, Error> {
        Ok(self.0.store.last_event().await?)
    }
}

/// What happens to the tasks of a store, whichever process has them, in the order in which it was kept: what has happened after
/// the number `after` first, and then what happens from now on, without an end. `0` begins with what happened first;
/// [`TaskStore::last_event`] tells only of what is new. Whoever was cut off goes on with the number of the last event that
/// was seen, in whichever process: nothing is told twice, and nothing is passed over.
///
/// The stream ends with an error when the store cannot be read; it may be taken up again then.
pub fn follow(
    store: Arc<dyn TaskStore>,
    after: u64,
    filter: EventFilter,
) -> impl Stream<Item = Result<TaskEvent, StoreError>> + Send {
    let following = Following { store, filter, after, read: VecDeque::new(), is_over: false };
    stream::unfold(following, |mut following| async move {
        let next = following.next().await?;
        following.is_over = next.is_err();
        Some((next, following))
    })
}

struct Following {
    store: Arc<dyn TaskStore>,
    filter: EventFilter,
    after: u64,
    read: VecDeque<TaskEvent>,
    is_over: bool,
}

impl Following {
    async fn next(&mut self) -> Option<Result<TaskEvent, StoreError>> {
        while self.read.is_empty() && !self.is_over {
            match self.store.events(self.after, &self.filter).await {
                Ok(read) => self.read = read.into(),
                Err(error) => return Some(Err(error)),
            }
            if self.read.is_empty() {
                self.store.news().await;
            }
        }
        let event = self.read.pop_front()?;
        self.after = event.seq;
        Some(Ok(event))
    }
}
