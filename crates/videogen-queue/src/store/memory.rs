//! Tasks in memory.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use videogen_domain::{Generation, GenerationEvent};

use super::{StoreError, TaskStore};
use crate::TaskId;

/// Keeps tasks for as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryTaskStore(Mutex<HashMap<TaskId, Generation>>);

impl MemoryTaskStore {
    fn tasks(&self) -> MutexGuard<'_, HashMap<TaskId, Generation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl TaskStore for MemoryTaskStore {
    async fn insert(&self, id: &TaskId, generation: Generation) -> Result<(), StoreError> {
        match self.tasks().entry(id.clone()) {
            Entry::Occupied(_) => Err(StoreError::new(format!("there is a task {id} already"))),
            Entry::Vacant(entry) => {
                entry.insert(generation);
                Ok(())
            }
        }
    }

    async fn append(&self, id: &TaskId, event: &GenerationEvent) -> Result<(), StoreError> {
        let mut tasks = self.tasks();
        let generation = tasks.get_mut(id).ok_or_else(|| StoreError::new(format!("there is no task {id}")))?;
        let refused = |error| StoreError::new(format!("task {id} cannot go on")).with_source(error);
        generation.apply(event.clone()).map_err(refused)
    }

    async fn load(&self, id: &TaskId) -> Result<Option<Generation>, StoreError> {
        Ok(self.tasks().get(id).cloned())
    }
}
