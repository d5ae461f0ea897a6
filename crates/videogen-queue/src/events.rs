//! Everything that happens, as a stream that can be taken up again.

use std::collections::VecDeque;

use futures::Stream;
use futures::stream;

use crate::{Error, EventFilter, Queue, TaskEvent};

impl Queue {
    /// What happens to tasks, of this process and of others, in the order in which it was kept: what has happened after the number
    /// `after` first, and then what happens from now on, without an end. `0` begins with what happened first;
    /// [`last_event`](Self::last_event) tells only of what is new. Whoever was cut off goes on with the number of the last
    /// event that was seen, in whichever process: nothing is told twice, and nothing is passed over.
    ///
    /// The stream ends when the queue is stopped, or with an error when the store cannot be read; it may be taken up again
    /// then.
    pub fn events(
        &self,
        after: u64,
        filter: EventFilter,
    ) -> impl Stream<Item = Result<TaskEvent, Error>> + Send + use<> {
        let following = Following { queue: self.clone(), filter, after, read: VecDeque::new(), is_over: false };
        stream::unfold(following, |mut following| async move {
            let next = following.next().await?;
            following.is_over = next.is_err();
            Some((next, following))
        })
    }

    /// The number of what has happened last; 0: nothing has.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn last_event(&self) -> Result<u64, Error> {
        Ok(self.0.store.last_event().await?)
    }
}

struct Following {
    queue: Queue,
    filter: EventFilter,
    after: u64,
    read: VecDeque<TaskEvent>,
    is_over: bool,
}

impl Following {
    async fn next(&mut self) -> Option<Result<TaskEvent, Error>> {
        while self.read.is_empty() && !self.is_over {
            match self.queue.0.store.events(self.after, &self.filter).await {
                Ok(read) => self.read = read.into(),
                Err(error) => return Some(Err(error.into())),
            }
            if self.read.is_empty() {
                self.queue.0.stop.run_until_cancelled(self.queue.0.store.news()).await?;
            }
        }
        let event = self.read.pop_front()?;
        self.after = event.seq;
        Some(Ok(event))
    }
}
