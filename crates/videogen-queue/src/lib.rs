#![doc = include_str!("../README.md")]

mod asked;
mod queue;
mod task;
mod store;
mod worker;
mod error;

pub use error::Error;
pub use queue::{Queue, QueueConfig};
pub use store::{MemoryTaskStore, StoreError, TaskStore};
pub use task::{QueuedTask, TaskId, TaskStatus, TaskWatch};
