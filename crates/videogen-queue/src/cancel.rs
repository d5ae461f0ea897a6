//! The wish that there be no video.

use std::sync::Weak;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use videogen_domain::{Generation, GenerationEvent, GenerationState};
use videogen_service::{CancelOutcome, error_chain};

use crate::queue::Inner;
use crate::{Error, EventFilter, Owner, Queue, QueuedTask, TaskId, TaskStatus};

/// How long it is waited for the task to heed the wish: a submit that is under way is seen through first.
const HEED: Duration = Duration::from_secs(60);

impl Queue {
    /// Cancels a task, whichever process has it. The wish is kept, so that it outlives every process: what was not submitted
    /// never is, and of what fal has accepted fal is asked to drop it, now or as soon as its request id is known.
    ///
    /// - [`Cancelled`](CancelOutcome::Cancelled): there is no video, and nothing was sent, or fal has dropped it.
    /// - [`Requested`](CancelOutcome::Requested): fal, or the process that has the task, is asked. It may end all the same, and
    ///   be billed: [watch](Self::watch) it.
    /// - [`TooLate`](CancelOutcome::TooLate): the video is made, or the task has ended otherwise.
    ///
    /// # Errors
    /// [`Error::UnknownTask`]; [`Error::Refused`] when fal cannot be asked: the wish is kept; else when the store cannot be
    /// read or written.
    pub async fn cancel(&self, id: &TaskId) -> Result<CancelOutcome, Error> {
        let alone = self.0.deciding.lock().await;
        let kept = self.kept(id).await?;
        let state = kept.generation.state;
        if state.is_final() || is_made(state) {
            return Ok(too_late_or_cancelled(state));
        }
        self.0.store.append(id, &GenerationEvent::CancelRequested).await?;
        let asked = match state {
            GenerationState::Submitted => Some(self.0.service.cancel_at_fal(&kept.generation).await),
            _ => None,
        };
        if kept.owner == Owner::OtherProcess {
            // Which hears of it within a second, and asks fal itself.
            return Ok(asked.and_then(Result::ok).unwrap_or(CancelOutcome::Requested));
        }
        let asked = asked.transpose().map_err(Error::Refused)?;
        if !self.0.interrupt(id) && state != GenerationState::Unconfirmed {
            self.take_alone(id, None).await?;
        }
        drop(alone);
        if let Some(outcome) = asked {
            return Ok(outcome);
        }
        let Some(mut running) = self.0.running().get(id).map(|running| running.task.clone()) else {
            return Ok(too_late_or_cancelled(self.kept(id).await?.generation.state));
        };
        let heeded = async {
            loop {
                if let Some(outcome) = outcome(&running.borrow_and_update()) {
                    return outcome;
                }
                if running.changed().await.is_err() {
                    return outcome(&running.borrow()).unwrap_or(CancelOutcome::Requested);
                }
            }
        };
        Ok(timeout(HEED, heeded).await.unwrap_or(CancelOutcome::Requested))
    }
}

/// How long after a look for wishes of other processes the next one is taken.
const LISTEN: Duration = Duration::from_secs(1);

/// Lets tasks that run here heed the wishes of other processes, until the queue is stopped or nobody has it any more.
pub(crate) async fn listen(queue: Weak<Inner>, stop: CancellationToken) {
    let mut after = None;
    while stop.run_until_cancelled(sleep(LISTEN)).await.is_some() {
        let Some(queue) = queue.upgrade() else { return };
        let Ok(last) = queue.store.last_event().await else { continue };
        let wished: Vec<TaskId> = match after {
            Some(after) if after < last => {
                let wishes = EventFilter::default().named(Some(GenerationEvent::CancelRequested.name()));
                let Ok(wishes) = queue.store.events(after, &wishes).await else { continue };
                wishes.into_iter().map(|wish| wish.task_id).collect()
            }
            Some(_) => Vec::new(),
            // What was wished before the first look.
            None => wished_already(&queue).await,
        };
        for id in wished {
            queue.interrupt(&id);
        }
        after = Some(last);
    }
}

async fn wished_already(queue: &Inner) -> Vec<TaskId> {
    let running: Vec<TaskId> = queue.running().keys().cloned().collect();
    let mut wished = Vec::new();
    for id in running {
        if let Ok(Some(kept)) = queue.store.load(&id).await
            && kept.generation.cancel_requested
        {
            wished.push(id);
        }
    }
    wished
}

/// What has become of the wish, once that is known.
fn outcome(task: &QueuedTask) -> Option<CancelOutcome> {
    match task.status {
        TaskStatus::Cancelled => Some(CancelOutcome::Cancelled),
        _ if task.state.is_final() || is_made(task.state) => Some(CancelOutcome::TooLate),
        // The wish is kept, and carried out as soon as that may be.
        _ if task.is_held() => Some(CancelOutcome::Requested),
        _ if task.cancel_requested && task.state == GenerationState::Submitted => Some(CancelOutcome::Requested),
        _ => None,
    }
}

fn is_made(state: GenerationState) -> bool {
    matches!(state, GenerationState::Generated | GenerationState::Stored)
}

fn too_late_or_cancelled(state: GenerationState) -> CancelOutcome {
    if state == GenerationState::Cancelled { CancelOutcome::Cancelled } else { CancelOutcome::TooLate }
}

/// Looks whether somebody wishes that a task be cancelled, since it was looked up last.
pub(crate) async fn look_for_wish(queue: &Inner, id: &TaskId, generation: &mut Generation) {
    if let Ok(Some(kept)) = queue.store.load(id).await {
        generation.cancel_requested |= kept.generation.cancel_requested;
    }
}

/// Does what the wish asks for, where somebody has one: the task ends, or fal is asked to drop its request.
pub(crate) async fn heed(
    queue: &Inner,
    id: &TaskId,
    generation: &mut Generation,
    watchers: &watch::Sender<QueuedTask>,
) -> Result<(), Error> {
    if !generation.cancel_requested {
        return Ok(());
    }
    if let Some(event) = queue.service.cancel_unsent(generation).await {
        queue.store.append(id, &event).await?;
        // It can happen in this state, or the store had refused it.
        let _ = generation.apply(event);
    } else if generation.state == GenerationState::Submitted
        && let Err(failure) = queue.service.cancel_at_fal(generation).await
    {
        tracing::warn!(task = id.as_str(), error = error_chain(&failure), "fal could not be asked to drop a request");
    }
    watchers.send_replace(QueuedTask::new(id.clone(), generation));
    Ok(())
}
