//! The seam to where tasks are kept.

mod error;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;

use std::fmt::Debug;

use videogen_domain::{Failure, Generation, GenerationEvent, ProjectId, UnixMillis};

pub use error::StoreError;
pub use memory::MemoryTaskStore;
#[cfg(feature = "postgres")]
pub use postgres::PostgresTaskStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteTaskStore;

use crate::TaskId;

/// Keeps tasks: how each began, and what has happened to it since. What a call has written is durable when it returns.
///
/// A task belongs to the process that has inserted or claimed it, and to nobody once that process has released it or died. Only the one
/// that it belongs to writes to it.
#[async_trait::async_trait]
pub trait TaskStore: Debug + Send + Sync {
    /// Keeps a new task, which belongs to this process; `false` and nothing is kept when another one that was asked for the
    /// same is unfinished and was not [seen](NewTask::seen), or was asked for under the same key. Of two processes that ask in one moment, one is first.
    ///
    /// # Errors
    /// When it cannot be kept, or the name is taken.
    async fn insert(&self, task: &NewTask) -> Result<bool, StoreError>;

    /// Keeps what has happened to a task of this process. It stands still no more.
    ///
    /// # Errors
    /// When it cannot be kept, the task is unknown or [another process's](StoreError::of_another_process), or the event
    /// cannot happen in its state. From everybody is kept that a [cancellation](GenerationEvent::CancelRequested) is wished for, and
    /// from then on the intent to submit is [refused](StoreError::cancel_requested). Where a process can be taken for dead while
    /// it lives, that fal has accepted a submit is kept from it all the same.
    async fn append(&self, id: &TaskId, event: &GenerationEvent) -> Result<(), StoreError>;

    /// Keeps why a task of this process stands still.
    ///
    /// # Errors
    /// When it cannot be kept, or the task is unknown or another process's.
    async fn hold(&self, id: &TaskId, failure: &Failure) -> Result<(), StoreError>;

    /// A task with everything that has happened to it; `None` when it is unknown.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn load(&self, id: &TaskId) -> Result<Option<KeptTask>, StoreError>;

    /// Tasks with everything that has happened to them, the newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn list(&self, filter: &TaskFilter) -> Result<Vec<(TaskId, KeptTask)>, StoreError>;

    /// Takes an unfinished task for this process when it is its own already or its process has died, to put its video at
    /// `place` from now on. `None` when it is unknown, has ended, or a living process has it.
    ///
    /// # Errors
    /// When it cannot be read or written.
    async fn claim(&self, id: &TaskId, place: &str) -> Result<Option<Generation>, StoreError>;

    /// Gives an unfinished task of this process up to whoever claims it. Of another's nothing changes.
    ///
    /// # Errors
    /// When it cannot be written.
    async fn release(&self, id: &TaskId) -> Result<(), StoreError>;

    /// The unfinished tasks that no living process has, oldest first, each with the place of its video.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn abandoned(&self) -> Result<Vec<(TaskId, String)>, StoreError>;

    /// The unfinished tasks that were asked for the same, oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn unfinished_of(&self, fingerprint: &str) -> Result<Vec<TaskId>, StoreError>;

    /// The task whose request fal has accepted under this id.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn of_request(&self, request_id: &str) -> Result<Option<TaskId>, StoreError>;

    /// What has happened after a number, in the order in which it was written, with the beginning of each task, and when it
    /// stood still and went on. An event that is written later has a higher number than every one that could be read before.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn events(&self, after: u64, filter: &EventFilter) -> Result<Vec<TaskEvent>, StoreError>;

    /// The number of what has happened last; 0: nothing has.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn last_event(&self) -> Result<u64, StoreError>;

    /// The task that was asked for under this [key](videogen_domain::GenerationRequest::idempotency_key).
    ///
    /// # Errors
    /// When it cannot be read.
    async fn of_key(&self, key: &str) -> Result<Option<TaskId>, StoreError>;

    /// Waits until something may have been written, by this process or another: a hint, which may be false, and never comes
    /// later than a second after.
    async fn news(&self);
}

/// The key under which a task is asked for.
pub(crate) fn key_of(generation: &Generation) -> Option<&str> {
    generation.plan.as_ref()?.idempotency_key.as_deref()
}

/// A task as it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// Our own name for it.
    pub id: TaskId,
    /// How it begins.
    pub generation: Generation,
    /// What tells its request from every other; `None`: it is not compared, because something fresh was asked for.
    pub fingerprint: Option<String>,
    /// The unfinished tasks that were asked for the same, as far as whoever takes this one in has seen them.
    pub seen: Vec<TaskId>,
    /// The place of the store that its video goes to: [`AssetStore::place`](videogen_service::AssetStore::place).
    pub place: String,
}

/// Which tasks are listed.
///
/// # Defaults
/// All of them, 100 at most.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskFilter {
    /// Those that have not ended alone.
    pub unfinished: bool,
    /// Those of this project alone.
    pub project_id: Option<ProjectId>,
    /// Those that are older than this one alone: the last of a page leads to the next.
    pub before: Option<TaskId>,
    /// How many at most.
    pub limit: usize,
}

impl Default for TaskFilter {
    fn default() -> Self {
        Self { unfinished: false, project_id: None, before: None, limit: 100 }
    }
}

impl TaskFilter {
    /// Those that have not ended alone.
    pub fn unfinished(mut self) -> Self {
        self.unfinished = true;
        self
    }

    /// Those of this project alone.
    pub fn of_project(mut self, project_id: Option<ProjectId>) -> Self {
        self.project_id = project_id;
        self
    }

    /// Those that are older than this one alone.
    pub fn before(mut self, id: Option<TaskId>) -> Self {
        self.before = id;
        self
    }

    /// So many at most.
    pub fn at_most(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }
}

/// Something that has happened to a task.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TaskEvent {
    /// Its number. Numbers rise; not every number is there.
    pub seq: u64,
    /// The task.
    pub task_id: TaskId,
    /// When it was written, by the clock of the store.
    pub at: UnixMillis,
    /// What it is.
    pub event: GenerationEvent,
}

/// What is told of what has happened.
///
/// # Defaults
/// Everything, 500 events at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventFilter {
    /// Of this task alone.
    pub task_id: Option<TaskId>,
    /// Of the tasks of this project alone.
    pub project_id: Option<ProjectId>,
    /// Of this [name](GenerationEvent::name) alone.
    pub name: Option<&'static str>,
    /// How many at a time at most.
    pub limit: usize,
}

impl Default for EventFilter {
    fn default() -> Self {
        Self { task_id: None, project_id: None, name: None, limit: 500 }
    }
}

impl EventFilter {
    /// Of this task alone.
    pub fn of_task(mut self, id: Option<TaskId>) -> Self {
        self.task_id = id;
        self
    }

    /// Of the tasks of this project alone.
    pub fn of_project(mut self, project_id: Option<ProjectId>) -> Self {
        self.project_id = project_id;
        self
    }

    /// Of this [name](GenerationEvent::name) alone.
    pub fn named(mut self, name: Option<&'static str>) -> Self {
        self.name = name;
        self
    }

    /// So many at a time at most; at least one.
    pub fn at_most(mut self, limit: usize) -> Self {
        self.limit = limit.max(1);
        self
    }
}

/// A task as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptTask {
    /// Everything that has happened to it.
    pub generation: Generation,
    /// Why it stands still; `None` while it does not, or when that was not said before its process died.
    pub held: Option<Failure>,
    /// Whose it is.
    pub owner: Owner,
}

/// Whose a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// This process's.
    ThisProcess,
    /// That of another process, which lives.
    OtherProcess,
    /// Nobody's: its process has released it or died, or it has ended.
    Nobody,
}
