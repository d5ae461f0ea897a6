//! Runs one task and keeps its watchers informed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use videogen_domain::{Failure, FailureKind, Generation, GenerationEvent, GenerationState, Recovery};
use videogen_service::{Journal, JournalError, Measurement, Telemetry, TransferProgress, error_chain, fault_point};

use crate::asked::held_behind;
use crate::cancel::{heed, look_for_wish};
use crate::queue::Inner;
use crate::reconcile::Lost;
use crate::turn::{Claim, Turn};
use crate::{QueuedTask, StoreError, TaskId, TaskWatch};

/// A task that is to be run.
pub(crate) struct Errand {
    pub(crate) id: TaskId,
    pub(crate) generation: Generation,
    /// The task that makes the same for another place, which has to end first.
    pub(crate) after: Option<TaskWatch>,
    /// Told when somebody may wish that it be cancelled.
    pub(crate) interrupt: Arc<Notify>,
}

impl Errand {
    /// Waits for its turn, runs the task, and leaves its last state with the watchers.
    pub(crate) async fn run(mut self, queue: Arc<Inner>, watchers: watch::Sender<QueuedTask>) {
        let after = self.after.take();
        if let Some(mut after) = after
            && let Some(failure) = self.undisturbed(&queue, after.settled()).await.and_then(|task| held_behind(&task))
        {
            queue.service.let_go(&self.generation).await;
            hold(&queue, &self.id, &failure).await;
            watchers.send_modify(|task| task.failure = Some(failure));
            return;
        }
        loop {
            let ended = self.take_turn(&queue, &watchers).await;
            let (id, is_final) = (&self.id, self.generation.state.is_final());
            let Some(failure) = ended.filter(|_| !is_final) else {
                watchers.send_replace(QueuedTask::new(id.clone(), &self.generation));
                return queue.forget(id);
            };
            if hold(&queue, id, &failure).await == Held::ByAnother {
                return look_from_afar(queue, self.id, watchers).await;
            }
            let lost = Lost { queue: &queue, id, watchers: &watchers };
            let is_looked_for = Lost::is_looked_for(&queue, &self.generation);
            if is_looked_for && let Some(found) = lost.look_at_once(&self.generation).await {
                self.generation = found;
                look_for_wish(&queue, &self.id, &mut self.generation).await;
                continue;
            }
            let mut held = QueuedTask::new(id.clone(), &self.generation);
            // A request id that could not be kept is known to the failure alone.
            held.failure = Some(failure);
            watchers.send_replace(held);
            match if is_looked_for { lost.look_on(&self.generation).await } else { None } {
                Some(found) if !found.state.is_final() => self.generation = found,
                _ => return queue.forget(id),
            }
            look_for_wish(&queue, &self.id, &mut self.generation).await;
        }
    }

    /// Runs the task until it has ended, stands still, or is told to stop; then why.
    async fn take_turn(&mut self, queue: &Inner, watchers: &watch::Sender<QueuedTask>) -> Option<Failure> {
        loop {
            let known = self.generation.cancel_requested;
            if let Err(error) = heed(queue, &self.id, &mut self.generation, watchers).await {
                tracing::warn!(task = self.id.as_str(), error = error_chain(&error), "a wish cannot be carried out");
            }
            if self.generation.state.is_final() {
                return None;
            }
            let stop = queue.stop.child_token();
            let turn = self.undisturbed(queue, wait(queue, &self.generation)).await;
            if turn.is_none() {
                stop.cancel();
            }
            let kept = Mutex::new(self.generation.clone());
            let submit = Mutex::default();
            let journal = TaskJournal { id: &self.id, queue, stop: &stop, kept, submit, watchers };
            // Without a turn the service is told to stop before its first step, and says so in its own words.
            let ended = {
                let run = queue.service.run_until(self.generation.clone(), &journal, &stop);
                tokio::pin!(run);
                loop {
                    tokio::select! {
                        ended = &mut run => break ended,
                        () = self.interrupt.notified(), if !stop.is_cancelled() => stop.cancel(),
                    }
                }
            };
            drop(turn);
            let mut failure;
            (self.generation, failure) = match ended {
                Ok(generation) => (generation, None),
                Err(held) => (held.generation, Some(held.failure)),
            };
            let is_interrupted = stop.is_cancelled() && !queue.stop.is_cancelled();
            // The intent is refused where another process has kept a wish.
            let is_refused = failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Record);
            if is_refused && stop.is_cancelled() && self.generation.state == GenerationState::Ready {
                // It was stopped while it waited for its turn to submit.
                failure = Some(queue.service.stopped(&self.generation));
            }
            if is_interrupted || is_refused {
                look_for_wish(queue, &self.id, &mut self.generation).await;
            }
            if failure.is_none() || !is_interrupted && (!is_refused || known || !self.generation.cancel_requested) {
                return failure;
            }
        }
    }

    /// Waits for something, unless it is told to stop or that somebody may wish it to be cancelled.
    async fn undisturbed<T>(&self, queue: &Inner, wait: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = wait => Some(done),
            () = queue.stop.cancelled() => None,
            () = self.interrupt.notified() => None,
        }
    }
}

/// Waits for its turn.
async fn wait(queue: &Inner, generation: &Generation) -> Turn {
    let telemetry = queue.service.telemetry();
    let began = Instant::now();
    let waiting = Waiting::begin(telemetry);
    let turn = queue.turns.take(claim(generation)).await;
    drop(waiting);
    telemetry.measured(&Measurement::Waited(began.elapsed()));
    turn
}

/// What decides about its turn.
fn claim(generation: &Generation) -> Claim {
    let plan = generation.plan.as_ref();
    Claim {
        endpoint_id: generation.endpoint_id.clone(),
        project_id: plan.and_then(|plan| plan.project_id.clone()),
        priority: plan.map_or(0, |plan| plan.priority),
    }
}

/// One task that waits, for as long as this is there.
struct Waiting<'a>(&'a dyn Telemetry);

impl<'a> Waiting<'a> {
    fn begin(telemetry: &'a dyn Telemetry) -> Self {
        telemetry.measured(&Measurement::Waiting(1));
        Self(telemetry)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.measured(&Measurement::Waiting(-1));
    }
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
    queue: &'a Inner,
    stop: &'a CancellationToken,
    /// The task as the store has it.
    kept: Mutex<Generation>,
    /// Its turn to submit, from the intent until the answer is kept.
    submit: Mutex<Option<Turn>>,
    watchers: &'a watch::Sender<QueuedTask>,
}

impl TaskJournal<'_> {
    async fn keep(&self, event: &GenerationEvent) -> Result<(), StoreError> {
        let store = &self.queue.store;
        let mut kept = store.append(self.id, event).await;
        if matches!(event, GenerationEvent::Submitted(_)) {
            for delay in AGAIN {
                if kept.is_ok() {
                    break;
                }
                sleep(delay).await;
                kept = store.append(self.id, event).await;
            }
        }
        kept
    }

    /// Waits for its turn to submit, where it is about to; gives it back where it is not any more.
    async fn heed_submits(&self, event: &GenerationEvent) -> Result<(), JournalError> {
        let turn = match event {
            GenerationEvent::SubmitIntended(_) => {
                let claim = claim(&self.kept());
                let turn = self.stop.run_until_cancelled(self.queue.submits.take(claim)).await;
                // It may have got its turn in the moment in which it was stopped.
                let turn = turn.filter(|_| !self.stop.is_cancelled());
                Some(turn.ok_or_else(|| JournalError::new("it was stopped before it was sent"))?)
            }
            _ => None,
        };
        *self.submit.lock().unwrap_or_else(PoisonError::into_inner) = turn;
        Ok(())
    }

    fn kept(&self) -> MutexGuard<'_, Generation> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Journal for TaskJournal<'_> {
    async fn record(&self, event: &GenerationEvent) -> Result<(), JournalError> {
        let is_intent = matches!(event, GenerationEvent::SubmitIntended(_));
        if is_intent {
            self.heed_submits(event).await?;
        }
        let unkept = |error: StoreError| JournalError::new("the task store failed").with_source(error);
        fault_point(event.name(), "before");
        self.keep(event).await.map_err(unkept)?;
        fault_point(event.name(), "after");
        if !is_intent {
            self.heed_submits(event).await?;
        }
        let mut kept = self.kept();
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
