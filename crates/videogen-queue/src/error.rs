//! What can go wrong with a queue.

use std::time::Duration;

use videogen_domain::{Failure, Violations};

use crate::{StoreError, TaskId};

/// What can go wrong with a queue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request has mistakes. Nothing was sent.
    #[error("the request has mistakes")]
    Invalid(#[from] Violations),
    /// The request cannot be taken in. Nothing was sent.
    #[error(transparent)]
    Refused(Failure),
    /// There is no such task.
    #[error("there is no task {0}")]
    UnknownTask(TaskId),
    /// The task is running or has ended.
    #[error("the task {0} does not stand still")]
    NotHeld(TaskId),
    /// The wait is over and the task goes on.
    #[error("the task {id} is still running after {} s; it goes on", waited.as_secs_f64())]
    StillRunning {
        /// The task.
        id: TaskId,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The queue was stopped and takes nothing in. Nothing was sent.
    #[error("the queue has been stopped and takes no more tasks in; nothing was sent")]
    Stopped,
    /// The store cannot be read or written.
    #[error("the task store failed")]
    Store(#[from] StoreError),
}
