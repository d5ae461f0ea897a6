//! The same, asked for while it is being made.

use videogen_domain::{
    Failure, FailureKind, Generation, GenerationPlan, GenerationState, ProjectId, Recovery, SceneId,
};

use crate::{Error, Owner, Queue, QueuedTask, TaskId, TaskWatch};

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

/// What is being made of the same already.
pub(crate) enum UnderWay {
    /// A task that makes just that, or may have paid for it.
    Same(TaskId),
    /// Nothing, or tasks that make it for another place.
    Elsewhere(Others),
}

/// Tasks that make the same for another place.
#[derive(Default)]
pub(crate) struct Others {
    /// All that there are.
    pub(crate) seen: Vec<TaskId>,
    /// The last of them, which has to end first.
    pub(crate) last: Option<TaskWatch>,
}

impl Queue {
    /// Looks for unfinished tasks that were asked for the same. What stands still goes on, and so does what a process
    /// has left that died; only what may have been accepted by fal waits for somebody to find out, and keeps nobody from a
    /// video that is made.
    pub(crate) async fn under_way(
        &self,
        fingerprint: &str,
        plan: &GenerationPlan,
        is_made: bool,
    ) -> Result<UnderWay, Error> {
        let mut others = Others::default();
        for id in self.0.store.unfinished_of(fingerprint).await? {
            others.seen.push(id.clone());
            let Some(kept) = self.0.store.load(&id).await? else { continue };
            let is_unclear = may_have_been_accepted(&kept.generation);
            if is_unclear && is_made {
                continue;
            }
            if kept.owner != Owner::OtherProcess && !is_unclear {
                self.take_over(&id, None).await?;
            }
            let destination = kept.generation.plan.as_ref().map(Destination::from);
            if is_unclear || destination == Some(Destination::from(plan)) {
                return Ok(UnderWay::Same(id));
            }
            others.last = Some(self.watch(&id).await?);
        }
        Ok(UnderWay::Elsewhere(others))
    }
}

/// Whether nobody knows if fal has accepted it: it was left in the middle of a submit, or came without an answer.
fn may_have_been_accepted(generation: &Generation) -> bool {
    generation.state == GenerationState::Unconfirmed
}

/// Why a task does not begin: the one that makes the same stands still, and may have been paid for.
pub(crate) fn held_behind(task: &QueuedTask) -> Option<Failure> {
    let failure = task.failure.as_ref().filter(|_| task.is_held())?;
    let message = format!("the same is being made by the task {}, which stands still: {failure}", task.id);
    let advice = "Let that task go on first, or ask for a fresh video, which is paid for.";
    Some(Failure::new(failure.kind, Recovery::Later, message, advice))
}

/// Why a task stands still that nobody has.
pub(crate) fn abandoned() -> Failure {
    let message = "the process that was making it has ended";
    Failure::new(FailureKind::Stopped, Recovery::Later, message, "Let it go on; what is paid for is not paid again.")
}
