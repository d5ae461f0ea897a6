//! Runs one task and keeps its watchers informed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{AcquireError, OwnedSemaphorePermit, watch};
use tokio::time::{Instant, sleep};
use videogen_domain::{Failure, Generation, GenerationEvent, Recovery};
use videogen_service::{Journal, JournalError, Measurement, TransferProgress, error_chain, fault_point};

use crate::asked::held_behind;
use crate::queue::Inner;
use crate::reconcile::Lost;
use crate::{QueuedTask, StoreError, TaskId, TaskStore, TaskWatch};

/// A task that is to be run.
pub(crate) struct Errand {
    pub(crate) id: TaskId,
    pub(crate) generation: Generation,
    /// The task that makes the same for another place, which has to end first.
    pub(crate) after: Option<TaskWatch>,
}

impl Errand {
    /// Waits for its turn, runs the task, and leaves its last state with the watchers.
    pub(crate) async fn run(self, queue: Arc<Inner>, watchers: watch::Sender<QueuedTask>) {
        let Self { id, generation, after } = self;
        if let Some(mut after) = after
            && let Some(failure) =
                queue.stop.run_until_cancelled(after.settled()).await.and_then(|task| held_behind(&task))
        {
            queue.service.let_go(&generation).await;
            hold(&queue, &id, &failure).await;
            watchers.send_modify(|task| task.failure = Some(failure));
            return;
        }
        run(queue, id, generation, watchers).await;
    }
}

async fn run(queue: Arc<Inner>, id: TaskId, mut generation: Generation, watchers: watch::Sender<QueuedTask>) {
    loop {
        let turn = wait(&queue).await;
        let kept = Mutex::new(generation.clone());
        let journal = TaskJournal { id: &id, store: queue.store.as_ref(), kept, watchers: &watchers };
        // Without a turn the service is told to stop before its first step, and says so in its own words.
        let ended = queue.service.run_until(generation, &journal, &queue.stop).await;
        drop(turn);
        let held;
        (generation, held) = match ended {
            Ok(generation) => (generation, None),
            Err(held) => (held.generation, Some(held.failure)),
        };
        if let Some(failure) = &held
            && hold(&queue, &id, failure).await == Held::ByAnother
        {
            return look_from_afar(queue, id, watchers).await;
        }
        let lost = Lost { queue: &queue, id: &id, watchers: &watchers };
        let is_looked_for = Lost::is_looked_for(&queue, &generation);
        if is_looked_for && let Some(found) = lost.look_at_once(&generation).await {
            generation = found;
            continue;
        }
        watchers.send_modify(|task| {
            *task = QueuedTask::new(id.clone(), &generation);
            task.failure = held.or(task.failure.take());
        });
        let found = if is_looked_for { lost.look_on(&generation).await } else { None };
        match found {
            Some(found) if !found.state.is_final() => generation = found,
            _ => return queue.forget(&id),
        }
    }
}

/// Waits for its turn; none when it is told to stop before.
async fn wait(queue: &Inner) -> Option<Result<OwnedSemaphorePermit, AcquireError>> {
    let telemetry = queue.service.telemetry();
    let began = Instant::now();
    telemetry.measured(&Measurement::Waiting(1));
    let turn = queue.stop.run_until_cancelled(Arc::clone(&queue.permits).acquire_owned()).await;
    telemetry.measured(&Measurement::Waiting(-1));
    if turn.is_some() {
        telemetry.measured(&Measurement::Waited(began.elapsed()));
    }
    turn
}

/// Who has a task that stands still.
#[derive(PartialEq)]
enum Held {
    Here,
    /// This process was taken for dead, because it was paused or cut off for too long.
    ByAnother,
}

/// Keeps why a task stands still. Where that cannot be kept, it is told here alone.
async fn hold(queue: &Inner, id: &TaskId, failure: &Failure) -> Held {
    let reconcile = failure.recovery == Recovery::Reconcile;
    tracing::info!(task = id.as_str(), kind = failure.kind.name(), reconcile, "the task stands still");
    match queue.store.hold(id, failure).await {
        Err(error) if error.is_of_another_process() => return Held::ByAnother,
        Err(error) => {
            tracing::warn!(task = id.as_str(), error = error_chain(&error), "why it stands still cannot be kept");
        }
        Ok(()) => {}
    }
    Held::Here
}

/// Keeps the watchers of a task of another process informed, until it has ended or nobody watches any more.
pub(crate) async fn look_from_afar(queue: Arc<Inner>, id: TaskId, watchers: watch::Sender<QueuedTask>) {
    let look = async {
        loop {
            match queue.store.load(&id).await {
                Ok(Some(kept)) => {
                    let task = QueuedTask::kept(&id, &kept);
                    let has_ended = task.state.is_final();
                    watchers.send_if_modified(|before| {
                        let is_news = *before != task;
                        *before = task;
                        is_news
                    });
                    if has_ended {
                        return;
                    }
                }
                Ok(None) => return,
                Err(error) => tracing::debug!(task = id.as_str(), %error, "the task cannot be looked at"),
            }
            queue.store.news().await;
        }
    };
    tokio::select! {
        () = look => {}
        () = watchers.closed() => {}
        () = queue.stop.cancelled() => {}
    }
    queue.forget(&id);
}

/// How long after one another it is tried to keep what a submit has brought. It cannot be had again.
const AGAIN: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1_600), Duration::from_secs(6)];

/// Keeps events in the store, then tells the watchers.
struct TaskJournal<'a> {
    id: &'a TaskId,
    store: &'a dyn TaskStore,
    /// The task as the store has it.
    kept: Mutex<Generation>,
    watchers: &'a watch::Sender<QueuedTask>,
}

impl TaskJournal<'_> {
    async fn keep(&self, event: &GenerationEvent) -> Result<(), StoreError> {
        let mut kept = self.store.append(self.id, event).await;
        if matches!(event, GenerationEvent::Submitted(_)) {
            for delay in AGAIN {
                if kept.is_ok() {
                    break;
                }
                sleep(delay).await;
                kept = self.store.append(self.id, event).await;
            }
        }
        kept
    }
}

#[async_trait::async_trait]
impl Journal for TaskJournal<'_> {
    async fn record(&self, event: &GenerationEvent) -> Result<(), JournalError> {
        let unkept = |error: StoreError| JournalError::new("the task store failed").with_source(error);
        fault_point(event.name(), "before");
        self.keep(event).await.map_err(unkept)?;
        fault_point(event.name(), "after");
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.apply(event.clone()).map_err(|error| JournalError::new("the task cannot go on").with_source(error))?;
        self.watchers.send_replace(QueuedTask::new(self.id.clone(), &kept));
        Ok(())
    }

    fn task_id(&self) -> Option<&str> {
        Some(self.id.as_str())
    }

    fn transferred(&self, progress: TransferProgress) {
        self.watchers.send_modify(|task| task.transfer = Some(progress));
    }
}
