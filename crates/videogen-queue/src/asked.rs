//! What this process has been asked for and not brought to its end, so that the same is not made twice at a time.

use std::collections::HashMap;

use tokio::sync::{Mutex, MutexGuard};
use videogen_domain::{Failure, GenerationPlan, ProjectId, Recovery, SceneId};

use crate::{QueuedTask, TaskId, TaskWatch};

/// The tasks of this process by the fingerprint of what they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Asked(Mutex<HashMap<String, Vec<Task>>>);

#[derive(Debug)]
struct Task {
    id: TaskId,
    destination: Destination,
    watch: TaskWatch,
}

/// Where a video is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    file_name: Option<String>,
    project_id: Option<ProjectId>,
    scene_id: Option<SceneId>,
}

impl From<&GenerationPlan> for Destination {
    fn from(plan: &GenerationPlan) -> Self {
        let GenerationPlan { file_name, project_id, scene_id, .. } = plan;
        Self { file_name: file_name.clone(), project_id: project_id.clone(), scene_id: scene_id.clone() }
    }
}

/// What becomes of a request.
pub(crate) enum Answer {
    /// A task is making just that, or stands still on its way there.
    Joined(TaskId),
    /// It becomes a task, and begins when the one that makes the same for another place has ended.
    Taken(Option<TaskWatch>),
}

/// The right to take requests of one fingerprint in: whoever has it, nobody else takes the same in.
pub(crate) struct Turn<'a> {
    asked: MutexGuard<'a, HashMap<String, Vec<Task>>>,
    fingerprint: String,
    destination: Destination,
}

impl Asked {
    /// Waits until nobody else is taking a request in.
    pub(crate) async fn turn(&self, fingerprint: String, destination: Destination) -> Turn<'_> {
        let mut asked = self.0.lock().await;
        asked.retain(|_, tasks| {
            tasks.retain(|task| !task.watch.0.borrow().state.is_final());
            !tasks.is_empty()
        });
        Turn { asked, fingerprint, destination }
    }
}

impl Turn<'_> {
    pub(crate) fn answer(&self) -> Answer {
        let tasks = self.asked.get(&self.fingerprint).map(Vec::as_slice).unwrap_or_default();
        // What stands still may have been paid for, wherever it was to go.
        let same = |task: &&Task| task.destination == self.destination || task.watch.0.borrow().is_held();
        match tasks.iter().find(same) {
            Some(task) => Answer::Joined(task.id.clone()),
            None => Answer::Taken(tasks.last().map(|task| task.watch.clone())),
        }
    }

    pub(crate) fn taken(mut self, id: TaskId, watch: TaskWatch) {
        let task = Task { id, destination: self.destination, watch };
        self.asked.entry(self.fingerprint).or_default().push(task);
    }
}

/// Why a task does not begin: the one that makes the same stands still, and may have been paid for.
pub(crate) fn held_behind(task: &QueuedTask) -> Option<Failure> {
    let failure = task.failure.as_ref().filter(|_| task.is_held())?;
    let message = format!("the same is being made by the task {}, which stands still: {failure}", task.id);
    let advice = "Let that task go on first, or ask for a fresh video, which is paid for.";
    Some(Failure::new(failure.kind, Recovery::Later, message, advice))
}
