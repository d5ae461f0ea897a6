//! Tasks in memory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use videogen_domain::{Failure, Generation, GenerationEvent};

use super::{KeptTask, NewTask, Owner, StoreError, TaskFilter, TaskStore};
use crate::TaskId;

/// Keeps tasks for as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryTaskStore(Mutex<BTreeMap<TaskId, Task>>);

#[derive(Debug)]
struct Task {
    generation: Generation,
    fingerprint: Option<String>,
    held: Option<Failure>,
}

impl Task {
    fn is_unfinished_of(&self, fingerprint: Option<&str>) -> bool {
        !self.generation.state.is_final() && self.fingerprint.as_deref() == fingerprint
    }
}

impl From<&Task> for KeptTask {
    fn from(task: &Task) -> Self {
        Self {
            generation: task.generation.clone(),
            held: task.held.clone(),
            owner: if task.generation.state.is_final() { Owner::Nobody } else { Owner::ThisProcess },
        }
    }
}

impl MemoryTaskStore {
    fn tasks(&self) -> MutexGuard<'_, BTreeMap<TaskId, Task>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl TaskStore for MemoryTaskStore {
    async fn insert(&self, task: &NewTask) -> Result<bool, StoreError> {
        let mut tasks = self.tasks();
        let is_unseen_same = |(id, kept): (&TaskId, &Task)| {
            kept.is_unfinished_of(task.fingerprint.as_deref()) && !task.seen.contains(id)
        };
        if task.fingerprint.is_some() && tasks.iter().any(is_unseen_same) {
            return Ok(false);
        }
        match tasks.entry(task.id.clone()) {
            Entry::Occupied(_) => Err(StoreError::taken(&task.id)),
            Entry::Vacant(entry) => {
                let NewTask { generation, fingerprint, .. } = task.clone();
                entry.insert(Task { generation, fingerprint, held: None });
                Ok(true)
            }
        }
    }

    async fn append(&self, id: &TaskId, event: &GenerationEvent) -> Result<(), StoreError> {
        let mut tasks = self.tasks();
        let task = tasks.get_mut(id).ok_or_else(|| StoreError::unknown(id))?;
        if task.generation.cancel_requested && matches!(event, GenerationEvent::SubmitIntended(_)) {
            return Err(StoreError::cancel_requested(id));
        }
        task.generation.apply(event.clone()).map_err(|error| StoreError::illegal(id, error))?;
        if *event != GenerationEvent::CancelRequested {
            task.held = None;
        }
        Ok(())
    }

    async fn hold(&self, id: &TaskId, failure: &Failure) -> Result<(), StoreError> {
        let mut tasks = self.tasks();
        let task = tasks.get_mut(id).ok_or_else(|| StoreError::unknown(id))?;
        task.held = Some(failure.clone());
        Ok(())
    }

    async fn load(&self, id: &TaskId) -> Result<Option<KeptTask>, StoreError> {
        let tasks = self.tasks();
        Ok(tasks.get(id).map(KeptTask::from))
    }

    async fn list(&self, filter: &TaskFilter) -> Result<Vec<(TaskId, KeptTask)>, StoreError> {
        let tasks = self.tasks();
        let found = tasks.iter().rev().filter(|(id, task)| {
            let project_id = task.generation.plan.as_ref().and_then(|plan| plan.project_id.as_ref());
            filter.before.as_ref().is_none_or(|before| *id < before)
                && (!filter.unfinished || !task.generation.state.is_final())
                && filter.project_id.as_ref().is_none_or(|wanted| project_id == Some(wanted))
        });
        Ok(found.take(filter.limit).map(|(id, task)| (id.clone(), KeptTask::from(task))).collect())
    }

    async fn claim(&self, id: &TaskId, _place: &str) -> Result<Option<Generation>, StoreError> {
        let mut tasks = self.tasks();
        let task = tasks.get_mut(id).filter(|task| !task.generation.state.is_final());
        Ok(task.map(|task| {
            task.held = None;
            task.generation.clone()
        }))
    }

    async fn release(&self, _id: &TaskId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn abandoned(&self) -> Result<Vec<(TaskId, String)>, StoreError> {
        // They die with their process.
        Ok(Vec::new())
    }

    async fn unfinished_of(&self, fingerprint: &str) -> Result<Vec<TaskId>, StoreError> {
        let tasks = self.tasks();
        let found = tasks.iter().filter(|(_, task)| task.is_unfinished_of(Some(fingerprint)));
        Ok(found.map(|(id, _)| id.clone()).collect())
    }

    async fn of_request(&self, request_id: &str) -> Result<Option<TaskId>, StoreError> {
        let tasks = self.tasks();
        let found = tasks.iter().find(|(_, task)| task.generation.request_id() == Some(request_id));
        Ok(found.map(|(id, _)| id.clone()))
    }

    async fn news(&self) {
        // There is no other process.
        std::future::pending().await
    }
}
