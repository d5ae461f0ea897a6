//! The seam to where tasks are kept.

mod memory;

use std::error::Error as StdError;
use std::fmt::Debug;

use videogen_domain::{Generation, GenerationEvent};

pub use memory::MemoryTaskStore;

use crate::TaskId;

/// Keeps tasks: how each began, and what has happened to it since.
#[async_trait::async_trait]
pub trait TaskStore: Debug + Send + Sync {
    /// Keeps a new task.
    ///
    /// # Errors
    /// When it cannot be kept, or the name is taken.
    async fn insert(&self, id: &TaskId, generation: Generation) -> Result<(), StoreError>;

    /// Keeps what has happened to a task. When this returns, a crash does not undo it.
    ///
    /// # Errors
    /// When it cannot be kept, the task is unknown, or the event cannot happen in its state.
    async fn append(&self, id: &TaskId, event: &GenerationEvent) -> Result<(), StoreError>;

    /// A task with everything that has happened to it; `None` when it is unknown.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn load(&self, id: &TaskId) -> Result<Option<Generation>, StoreError>;
}

/// A store that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct StoreError {
    message: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// A failure of a store.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    /// Adds what caused it.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}
