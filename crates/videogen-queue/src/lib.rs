#![doc = include_str!("../README.md")]

mod asked;
mod batch;
mod cancel;
mod chain;
mod events;
mod keyed;
mod queue;
mod reconcile;
mod task;
mod tend;
mod turn;
mod store;
mod worker;
mod error;

pub use batch::{Batch, BatchSummary, OnFailure};
pub use chain::Chain;
pub use error::Error;
pub use events::follow;
pub use queue::{Queue, QueueConfig};
pub use reconcile::UnconfirmedPolicy;
#[cfg(feature = "postgres")]
pub use store::PostgresTaskStore;
#[cfg(feature = "sqlite")]
pub use store::SqliteTaskStore;
#[cfg(any(test, feature = "conformance"))]
pub use store::conformance;
pub use store::{EventFilter, KeptTask, MemoryTaskStore, NewTask, Owner, StoreError, TaskEvent, TaskFilter, TaskStore};
pub use task::{QueuedTask, TaskId, TaskStatus, TaskWatch};
pub use videogen_service::CancelOutcome;
