//! Tasks: submit, look, wait, stop.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use videogen_domain::{
    Failure, FailureKind, Generation, GenerationEvent, GenerationPlan, GenerationRequest, GenerationState, Recovery,
};
use videogen_service::{GenerationService, error_chain, fault_point};

use crate::asked::{Others, UnderWay};
use crate::cancel::listen;
use crate::turn::{Limits, Turns};
use crate::worker::{Errand, look_from_afar};
use crate::{
    Error, KeptTask, NewTask, Owner, QueuedTask, StoreError, TaskFilter, TaskId, TaskStore, TaskWatch,
    UnconfirmedPolicy,
};

/// What a queue is told.
///
/// # Defaults
/// - `max_concurrent_generations`: 5
/// - `max_per_endpoint`, `max_per_project`: no limits
/// - `max_submits_per_endpoint`: 4
/// - `reconcile_for`: 2 h
/// - `unconfirmed`: hold
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueConfig {
    /// How many tasks run at a time; at least one.
    pub max_concurrent_generations: usize,
    /// How many of these are of one endpoint; at least one.
    pub max_per_endpoint: usize,
    /// How many of these are for one project; at least one. Those for no project are not counted.
    pub max_per_project: usize,
    /// How many submits of one endpoint are under way at a time; at least one. Of so many nobody knows what became of them when
    /// the process dies.
    pub max_submits_per_endpoint: usize,
    /// How long a submit whose answer was lost is looked for in fal's history, where the service
    /// [has one](GenerationService::with_history); zero: not at all. How soon fal shows a request there is not documented,
    /// so it should be well longer than the longest video takes.
    pub reconcile_for: Duration,
    /// What becomes of one that is not found.
    pub unconfirmed: UnconfirmedPolicy,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            max_concurrent_generations: 5,
            max_per_endpoint: usize::MAX,
            max_per_project: usize::MAX,
            max_submits_per_endpoint: 4,
            reconcile_for: Duration::from_secs(7_200),
            unconfirmed: UnconfirmedPolicy::Hold,
        }
    }
}

impl QueueConfig {
    /// Sets how many tasks run at a time.
    pub fn with_max_concurrent_generations(mut self, most: usize) -> Self {
        self.max_concurrent_generations = most;
        self
    }

    /// Sets how many tasks of one endpoint run at a time.
    pub fn with_max_per_endpoint(mut self, most: usize) -> Self {
        self.max_per_endpoint = most;
        self
    }

    /// Sets how many tasks for one project run at a time.
    pub fn with_max_per_project(mut self, most: usize) -> Self {
        self.max_per_project = most;
        self
    }

    /// Sets how many submits of one endpoint are under way at a time.
    pub fn with_max_submits_per_endpoint(mut self, most: usize) -> Self {
        self.max_submits_per_endpoint = most;
        self
    }

    /// Sets how long a submit whose answer was lost is looked for.
    pub fn with_reconcile_for(mut self, time: Duration) -> Self {
        self.reconcile_for = time;
        self
    }

    /// Sets what becomes of one that is not found.
    pub fn with_unconfirmed(mut self, policy: UnconfirmedPolicy) -> Self {
        self.unconfirmed = policy;
        self
    }
}

/// Runs generations as tasks. Cheap to clone. Tasks go on when the last clone is dropped; [`stop`](Self::stop) ends them.
#[derive(Debug, Clone)]
pub struct Queue(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) service: GenerationService,
    pub(crate) store: Arc<dyn TaskStore>,
    pub(crate) config: QueueConfig,
    /// Who runs.
    pub(crate) turns: Arc<Turns>,
    /// Who submits.
    pub(crate) submits: Arc<Turns>,
    pub(crate) stop: CancellationToken,
    pub(crate) workers: TaskTracker,
    /// Held while it is looked up whether the same is under way: of two who ask in one moment, one is first.
    taking_in: tokio::sync::Mutex<()>,
    /// Held while it is decided what becomes of a task that stands still: of two who do so in one moment, one is first.
    pub(crate) deciding: tokio::sync::Mutex<()>,
    /// The tasks that are running, or stand still since they ran here.
    running: Mutex<HashMap<TaskId, Running>>,
    /// Done when the first task is set going: from then on wishes of other processes are heard.
    listens: Once,
}

/// A task that is running, or stands still since it ran here.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) task: watch::Receiver<QueuedTask>,
    /// Told when the task is to look whether somebody wishes that it be cancelled.
    interrupt: Arc<Notify>,
}

impl Inner {
    pub(crate) fn running(&self) -> MutexGuard<'_, HashMap<TaskId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a task runs here that was told to look whether it is to be cancelled.
    pub(crate) fn interrupt(&self, id: &TaskId) -> bool {
        let running = self.running();
        let runs = running.get(id).filter(|running| !running.task.borrow().is_settled());
        runs.is_some_and(|running| {
            running.interrupt.notify_one();
            true
        })
    }

    /// Whether a task runs here, and does not stand still.
    fn runs(&self, id: &TaskId) -> bool {
        self.running().get(id).is_some_and(|running| !running.task.borrow().is_settled())
    }

    /// Lets go of a task that has ended; one that stands still is kept with its reason.
    pub(crate) fn forget(&self, id: &TaskId) {
        let mut running = self.running();
        if running.get(id).is_some_and(|running| running.task.borrow().state.is_final()) {
            running.remove(id);
        }
    }
}

impl Queue {
    /// A queue that runs tasks by `service` and keeps them in `store`.
    pub fn new(service: GenerationService, store: Arc<dyn TaskStore>, config: QueueConfig) -> Self {
        Self(Arc::new(Inner {
            service,
            store,
            config,
            turns: Turns::new(Limits {
                overall: config.max_concurrent_generations.max(1),
                per_endpoint: config.max_per_endpoint.max(1),
                per_project: config.max_per_project.max(1),
            }),
            submits: Turns::new(Limits {
                overall: usize::MAX,
                per_endpoint: config.max_submits_per_endpoint.max(1),
                per_project: usize::MAX,
            }),
            stop: CancellationToken::new(),
            workers: TaskTracker::new(),
            taking_in: tokio::sync::Mutex::default(),
            deciding: tokio::sync::Mutex::default(),
            running: Mutex::default(),
            listens: Once::new(),
        }))
    }

    /// Checks a request and takes it in. Returns at once; the task runs by itself.
    ///
    /// What is asked for twice is paid for once, where the service [keeps books](GenerationService::with_books) and
    /// nothing [fresh](GenerationRequest::fresh) is asked for: a task of this process that is making the same for the
    /// same place, or stands still on its way, is the answer; and a video that is finished is taken. A request with an
    /// [idempotency key](GenerationRequest::idempotency_key) that was taken in before is that task, whatever has become of it.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every mistake, before anything is sent; [`Error::Refused`] when it does not fit into the
    /// budget; [`Error::Stopped`]; else when the task cannot be kept.
    pub async fn submit(&self, request: &GenerationRequest) -> Result<TaskId, Error> {
        let _open = self.open()?;
        let plan = self.0.service.plan(request).await?;
        self.submit_plan(plan).await
    }

    /// Takes in a request that has been checked, and sets its cost aside; else as [`submit`](Self::submit).
    ///
    /// # Errors
    /// [`Error::Refused`] when it does not fit into the budget; [`Error::Stopped`]; else when the task cannot be kept.
    pub async fn submit_plan(&self, plan: GenerationPlan) -> Result<TaskId, Error> {
        let _open = self.open()?;
        // What cannot be read now is told of when the task comes to it.
        let fingerprint = if plan.fresh { None } else { self.0.service.fingerprint(&plan).await.ok().flatten() };
        let _first = match fingerprint.is_some() || plan.idempotency_key.is_some() {
            true => Some(self.0.taking_in.lock().await),
            false => None,
        };
        loop {
            if let Some(id) = self.named_before(&plan).await? {
                return Ok(id);
            }
            let mut is_made = false;
            let mut others = Others::default();
            if let Some(fingerprint) = &fingerprint {
                is_made = self.0.service.was_made(fingerprint).await;
                others = match self.under_way(fingerprint, &plan, is_made).await? {
                    UnderWay::Same(id) => return Ok(id),
                    UnderWay::Elsewhere(others) => others,
                };
            }
            // Another process may have been first in between; then its task is seen the next time.
            if let Some(id) = self.take_in(&plan, fingerprint.clone(), others, is_made).await? {
                return Ok(id);
            }
        }
    }

    /// Makes a task of a plan, which begins when the others have ended; `None` when there are more of them than were seen.
    /// What is made already need not fit into the budget; where its file is gone, the submit sees to that.
    async fn take_in(
        &self,
        plan: &GenerationPlan,
        fingerprint: Option<String>,
        others: Others,
        is_made: bool,
    ) -> Result<Option<TaskId>, Error> {
        let generation = self.0.service.begun(Generation::new(plan.clone()));
        // Kept first: money that is set aside for a task that nobody knows would stay set aside.
        let Some(id) = self.keep(generation.clone(), fingerprint, others.seen).await? else { return Ok(None) };
        fault_point("take_in", "kept");
        if !is_made && let Err(failure) = self.0.service.reserve(&generation).await {
            self.0.store.append(&id, &GenerationEvent::Failed(failure.clone())).await?;
            return Err(Error::Refused(failure));
        }
        fault_point("take_in", "reserved");
        self.start(id.clone(), generation, others.last);
        Ok(Some(id))
    }

    async fn keep(
        &self,
        generation: Generation,
        fingerprint: Option<String>,
        seen: Vec<TaskId>,
    ) -> Result<Option<TaskId>, Error> {
        let (id, place) = (TaskId::new(), self.0.service.place());
        let task = NewTask { id: id.clone(), generation, fingerprint, seen, place };
        Ok(self.0.store.insert(&task).await?.then_some(id))
    }

    /// Takes in a request that fal has accepted already, known by its id. It is not submitted again. A task that is known
    /// to be at work on it goes on.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such model or the id is malformed; [`Error::Stopped`]; else when the task
    /// cannot be kept.
    pub async fn adopt(&self, model: &str, request_id: &str, file_name: Option<String>) -> Result<TaskId, Error> {
        let _open = self.open()?;
        let mut generation = self.0.service.adopt(model, request_id).map_err(Error::Refused)?;
        if let Some(id) = self.0.store.of_request(request_id).await?
            && let Some(kept) = self.0.store.load(&id).await?
            && !kept.generation.state.is_final()
        {
            if kept.owner != Owner::OtherProcess {
                if kept.generation.state == GenerationState::Unconfirmed {
                    self.confirm(&id, request_id).await?;
                } else {
                    self.take_over(&id, file_name).await?;
                }
            }
            return Ok(id);
        }
        generation.file_name = file_name;
        let generation = self.0.service.begun(generation);
        let kept = self.keep(generation.clone(), None, Vec::new()).await?;
        let id = kept.ok_or_else(|| StoreError::new("the store has kept no task"))?;
        self.start(id.clone(), generation, None);
        Ok(id)
    }

    /// Lets a task go on that stands still, or that a process has left that died.
    ///
    /// # Errors
    /// [`Error::UnknownTask`]; [`Error::NotHeld`] when it is running, here or in another process, or has ended;
    /// [`Error::Stopped`].
    pub async fn resume(&self, id: &TaskId) -> Result<(), Error> {
        let _open = self.open()?;
        if self.take_over(id, None).await? {
            return Ok(());
        }
        self.kept(id).await?;
        Err(Error::NotHeld(id.clone()))
    }

    /// Lets every task go on that a process has left that died, where its video goes to the same place as those of this
    /// queue: what fal has accepted is fetched and not paid again, what was not sent is sent now, and what may have been
    /// sent stands still until somebody finds out. Returns the tasks, oldest first.
    ///
    /// # Errors
    /// [`Error::Stopped`]; else when the store cannot be read or written.
    pub async fn recover(&self) -> Result<Vec<TaskId>, Error> {
        let _open = self.open()?;
        let here = self.0.service.place();
        let mut recovered = Vec::new();
        for (id, place) in self.0.store.abandoned().await? {
            if place == here && self.take_over(&id, None).await? {
                recovered.push(id);
            }
        }
        Ok(recovered)
    }

    /// The places of the videos of tasks that processes have left that died, one for each task, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn abandoned_places(&self) -> Result<Vec<String>, Error> {
        Ok(self.0.store.abandoned().await?.into_iter().map(|(_, place)| place).collect())
    }

    /// The place of the store that the videos of this queue go to.
    pub fn place(&self) -> String {
        self.0.service.place()
    }

    /// Tells a task that stands still, because it was not known whether fal accepted it, by which id fal did. It goes on
    /// from there, and is not sent again.
    ///
    /// # Errors
    /// [`Error::UnknownTask`]; [`Error::NotHeld`] when it is no such task; [`Error::Refused`] when the id is malformed;
    /// [`Error::Stopped`].
    pub async fn confirm(&self, id: &TaskId, request_id: &str) -> Result<(), Error> {
        let _open = self.open()?;
        let Generation { state, model_id, .. } = self.kept(id).await?.generation;
        let found = self.0.service.adopt(&model_id, request_id).map_err(Error::Refused)?.remote;
        let Some(remote) = found.filter(|_| is_unclear(state)) else { return Err(Error::NotHeld(id.clone())) };
        let _alone = self.0.deciding.lock().await;
        if self.0.runs(id) || self.0.store.claim(id, &self.0.service.place()).await?.is_none() {
            return Err(Error::NotHeld(id.clone()));
        }
        self.0.store.append(id, &GenerationEvent::Submitted(remote)).await?;
        self.take_alone(id, None).await?;
        Ok(())
    }

    /// Ends a task of which nothing was sent, or of which somebody has found out that fal did not accept it: there will be
    /// no video, nothing is paid, and what was set aside for it is given back.
    ///
    /// # Errors
    /// [`Error::UnknownTask`]; [`Error::NotHeld`] when it is running, fal has accepted it, or it has ended.
    pub async fn discard(&self, id: &TaskId) -> Result<(), Error> {
        let _alone = self.0.deciding.lock().await;
        let kept = self.kept(id).await?;
        let is_unsent = kept.generation.request_id().is_none();
        if !is_unsent || self.0.runs(id) || self.0.store.claim(id, &self.0.service.place()).await?.is_none() {
            return Err(Error::NotHeld(id.clone()));
        }
        self.0.service.give_back(&kept.generation).await;
        let message = "it was given up; fal has not accepted it";
        let failure =
            Failure::new(FailureKind::Stopped, Recovery::Later, message, "Ask for it anew; nothing was paid.");
        self.0.store.append(id, &GenerationEvent::Failed(failure)).await?;
        self.0.running().remove(id);
        Ok(())
    }

    /// Takes a task for this process and lets it go on, unless it runs, here or elsewhere, or has ended.
    pub(crate) async fn take_over(&self, id: &TaskId, file_name: Option<String>) -> Result<bool, Error> {
        let _alone = self.0.deciding.lock().await;
        self.take_alone(id, file_name).await
    }

    pub(crate) async fn take_alone(&self, id: &TaskId, file_name: Option<String>) -> Result<bool, Error> {
        let seen = self.0.running().get(id).map(|running| running.task.borrow().clone());
        if seen.as_ref().is_some_and(|task| !task.is_settled()) {
            return Ok(false);
        }
        let Some(mut generation) = self.0.store.claim(id, &self.0.service.place()).await? else { return Ok(false) };
        if generation.state == GenerationState::Submitting
            && let Some(request_id) = seen.and_then(|task| task.request_id)
            && let Some(remote) =
                self.0.service.adopt(&generation.model_id, &request_id).map_err(Error::Refused)?.remote
        {
            // The answer to the submit came, and could not be kept then.
            let event = GenerationEvent::Submitted(remote);
            self.0.store.append(id, &event).await?;
            generation.apply(event).map_err(|error| StoreError::illegal(id, error))?;
        }
        generation.file_name = file_name.or(generation.file_name);
        Ok(self.start(id.clone(), generation, None))
    }

    pub(crate) async fn kept(&self, id: &TaskId) -> Result<KeptTask, Error> {
        self.0.store.load(id).await?.ok_or_else(|| Error::UnknownTask(id.clone()))
    }

    /// A task as it is now.
    ///
    /// # Errors
    /// [`Error::UnknownTask`]; else when it cannot be read.
    pub async fn get(&self, id: &TaskId) -> Result<QueuedTask, Error> {
        if let Some(running) = self.0.running().get(id) {
            return Ok(running.task.borrow().clone());
        }
        Ok(QueuedTask::kept(id, &self.kept(id).await?))
    }

    /// Follows a task; one of another process by looking at the store whenever something may have been written.
    ///
    /// # Errors
    /// [`Error::UnknownTask`]; else when it cannot be read.
    pub async fn watch(&self, id: &TaskId) -> Result<TaskWatch, Error> {
        if let Some(running) = self.0.running().get(id) {
            return Ok(TaskWatch(running.task.clone()));
        }
        let kept = self.kept(id).await?;
        let (watchers, watched) = watch::channel(QueuedTask::kept(id, &kept));
        if kept.owner != Owner::ThisProcess && !kept.generation.state.is_final() {
            self.0.workers.spawn(look_from_afar(Arc::clone(&self.0), id.clone(), watchers));
        }
        Ok(TaskWatch(watched))
    }

    /// Waits until a task is completed, failed, or stands still. Without `timeout` as long as it takes.
    ///
    /// # Errors
    /// [`Error::StillRunning`] when the time is over: the task goes on. [`Error::UnknownTask`].
    pub async fn wait(&self, id: &TaskId, timeout: Option<Duration>) -> Result<QueuedTask, Error> {
        let mut watch = self.watch(id).await?;
        let settled = watch.settled();
        match timeout {
            Some(limit) => {
                let late = |_| Error::StillRunning { id: id.clone(), waited: limit };
                tokio::time::timeout(limit, settled).await.map_err(late)
            }
            None => Ok(settled.await),
        }
    }

    /// Tasks, the newest first; those that run here as they are now.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list(&self, filter: &TaskFilter) -> Result<Vec<QueuedTask>, Error> {
        let kept = self.0.store.list(filter).await?;
        let running = self.0.running();
        let now = |(id, kept): (TaskId, KeptTask)| match running.get(&id) {
            Some(running) => running.task.borrow().clone(),
            None => QueuedTask::kept(&id, &kept),
        };
        Ok(kept.into_iter().map(now).collect())
    }

    /// The tasks of this process that have not ended, oldest first: those that are running, and those that stand still.
    pub fn unfinished(&self) -> Vec<QueuedTask> {
        let mut tasks: Vec<_> = self.0.running().values().map(|running| running.task.borrow().clone()).collect();
        tasks.retain(|task| !task.state.is_final());
        tasks.sort_by(|one, other| one.id.cmp(&other.id));
        tasks
    }

    /// Stops all tasks and waits until they stand still. A submit that is under way is seen through first. Tasks that
    /// fal has accepted go on there; their request ids are in the store, from which another process may take them. From now
    /// on nothing is taken in. May be called again.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.workers.close();
        self.0.workers.wait().await;
        for task in self.unfinished() {
            if let Err(error) = self.0.store.release(&task.id).await {
                tracing::warn!(
                    task = task.id.as_str(),
                    error = error_chain(&error),
                    "another process has to wait for it"
                );
            }
        }
    }

    /// Refuses once it is stopped; until the token is dropped, `stop` waits for what is being taken in. In this order, so
    /// that a task is either refused or waited for.
    fn open(&self) -> Result<TaskTrackerToken, Error> {
        let token = self.0.workers.token();
        if self.0.stop.is_cancelled() { Err(Error::Stopped) } else { Ok(token) }
    }

    /// Sets a task going, unless it runs already: looked up and begun under one lock, so that it never runs twice.
    fn start(&self, id: TaskId, generation: Generation, after: Option<TaskWatch>) -> bool {
        let mut running = self.0.running();
        if running.get(&id).is_some_and(|running| !running.task.borrow().is_settled()) {
            return false;
        }
        self.0.listens.call_once(|| {
            drop(self.0.workers.spawn(listen(Arc::downgrade(&self.0), self.0.stop.clone())));
        });
        let (watchers, watched) = watch::channel(QueuedTask::new(id.clone(), &generation));
        let interrupt = Arc::new(Notify::new());
        running.insert(id.clone(), Running { task: watched, interrupt: Arc::clone(&interrupt) });
        let errand = Errand { id, generation, after, interrupt };
        self.0.workers.spawn(errand.run(Arc::clone(&self.0), watchers));
        true
    }
}

/// Whether it is not known if fal has accepted the submit.
pub(crate) fn is_unclear(state: GenerationState) -> bool {
    matches!(state, GenerationState::Submitting | GenerationState::Unconfirmed)
}
