//! Tasks in memory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use videogen_domain::{Failure, Generation, GenerationEvent, UnixMillis};

use super::{EventFilter, KeptTask, NewTask, Owner, StoreError, TaskEvent, TaskFilter, TaskStore};
use crate::TaskId;

/// The longest time from one hint to the next.
const NEWS: Duration = Duration::from_secs(1);

/// Keeps tasks for as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryTaskStore {
    kept: Mutex<Kept>,
    written: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Kept {
    tasks: BTreeMap<TaskId, Task>,
    events: Vec<TaskEvent>,
}

impl Kept {
    fn tell(&mut self, task_id: &TaskId, event: GenerationEvent) {
        let (seq, at) = (self.events.len() as u64 + 1, UnixMillis(jiff::Timestamp::now().as_millisecond()));
        self.events.push(TaskEvent { seq, task_id: task_id.clone(), at, event });
    }

    fn task(&mut self, id: &TaskId) -> Result<&mut Task, StoreError> {
        self.tasks.get_mut(id).ok_or_else(|| StoreError::unknown(id))
    }
}

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
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl TaskStore for MemoryTaskStore {
    async fn insert(&self, task: &NewTask) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        let is_unseen_same = |(id, kept): (&TaskId, &Task)| {
            kept.is_unfinished_of(task.fingerprint.as_deref()) && !task.seen.contains(id)
        };
        if task.fingerprint.is_some() && kept.tasks.iter().any(is_unseen_same) {
            return Ok(false);
        }
        let has_key = |kept: &Task| super::key_of(&kept.generation) == super::key_of(&task.generation);
        if super::key_of(&task.generation).is_some() && kept.tasks.values().any(has_key) {
            return Ok(false);
        }
        match kept.tasks.entry(task.id.clone()) {
            Entry::Occupied(_) => return Err(StoreError::taken(&task.id)),
            Entry::Vacant(entry) => {
                let NewTask { generation, fingerprint, .. } = task.clone();
                entry.insert(Task { generation, fingerprint, held: None });
            }
        }
        kept.tell(&task.id, GenerationEvent::Begun);
        self.written.send_replace(());
        Ok(true)
    }

    async fn append(&self, id: &TaskId, event: &GenerationEvent) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let task = kept.task(id)?;
        if task.generation.cancel_requested && matches!(event, GenerationEvent::SubmitIntended(_)) {
            return Err(StoreError::cancel_requested(id));
        }
        task.generation.apply(event.clone()).map_err(|error| StoreError::illegal(id, error))?;
        if *event != GenerationEvent::CancelRequested {
            task.held = None;
        }
        kept.tell(id, event.clone());
        self.written.send_replace(());
        Ok(())
    }

    async fn hold(&self, id: &TaskId, failure: &Failure) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.task(id)?.held = Some(failure.clone());
        kept.tell(id, GenerationEvent::Held(failure.clone()));
        self.written.send_replace(());
        Ok(())
    }

    async fn load(&self, id: &TaskId) -> Result<Option<KeptTask>, StoreError> {
        let Kept { tasks, .. } = &*self.kept();
        Ok(tasks.get(id).map(KeptTask::from))
    }

    async fn list(&self, filter: &TaskFilter) -> Result<Vec<(TaskId, KeptTask)>, StoreError> {
        let Kept { tasks, .. } = &*self.kept();
        let found = tasks.iter().rev().filter(|(id, task)| {
            let project_id = task.generation.plan.as_ref().and_then(|plan| plan.project_id.as_ref());
            filter.before.as_ref().is_none_or(|before| *id < before)
                && (!filter.unfinished || !task.generation.state.is_final())
                && filter.project_id.as_ref().is_none_or(|wanted| project_id == Some(wanted))
        });
        Ok(found.take(filter.limit).map(|(id, task)| (id.clone(), KeptTask::from(task))).collect())
    }

    async fn claim(&self, id: &TaskId, _place: &str) -> Result<Option<Generation>, StoreError> {
        let mut kept = self.kept();
        let Some(task) = kept.tasks.get_mut(id).filter(|task| !task.generation.state.is_final()) else {
            return Ok(None);
        };
        task.held = None;
        let generation = task.generation.clone();
        kept.tell(id, GenerationEvent::WentOn);
        self.written.send_replace(());
        Ok(Some(generation))
    }

    async fn release(&self, _id: &TaskId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn abandoned(&self) -> Result<Vec<(TaskId, String)>, StoreError> {
        // They die with their process.
        Ok(Vec::new())
    }

    async fn unfinished_of(&self, fingerprint: &str) -> Result<Vec<TaskId>, StoreError> {
        let Kept { tasks, .. } = &*self.kept();
        let found = tasks.iter().filter(|(_, task)| task.is_unfinished_of(Some(fingerprint)));
        Ok(found.map(|(id, _)| id.clone()).collect())
    }

    async fn of_request(&self, request_id: &str) -> Result<Option<TaskId>, StoreError> {
        let Kept { tasks, .. } = &*self.kept();
        let found = tasks.iter().find(|(_, task)| task.generation.request_id() == Some(request_id));
        Ok(found.map(|(id, _)| id.clone()))
    }

    async fn of_key(&self, key: &str) -> Result<Option<TaskId>, StoreError> {
        let Kept { tasks, .. } = &*self.kept();
        let found = tasks.iter().find(|(_, task)| super::key_of(&task.generation) == Some(key));
        Ok(found.map(|(id, _)| id.clone()))
    }

    async fn events(&self, after: u64, filter: &EventFilter) -> Result<Vec<TaskEvent>, StoreError> {
        let Kept { tasks, events } = &*self.kept();
        let project_of = |id: &TaskId| tasks.get(id)?.generation.plan.as_ref()?.project_id.as_ref();
        let wanted = events.iter().filter(|event| {
            after < event.seq
                && filter.task_id.as_ref().is_none_or(|id| *id == event.task_id)
                && filter.name.is_none_or(|name| name == event.event.name())
                && filter.project_id.as_ref().is_none_or(|project| project_of(&event.task_id) == Some(project))
        });
        Ok(wanted.take(filter.limit).cloned().collect())
    }

    async fn last_event(&self) -> Result<u64, StoreError> {
        Ok(self.kept().events.len() as u64)
    }

    async fn news(&self) {
        let mut written = self.written.subscribe();
        let _ = timeout(NEWS, written.changed()).await;
    }
}
