//! Tasks: submit, look, wait, stop.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use videogen_domain::{Generation, GenerationEvent, GenerationPlan, GenerationRequest};
use videogen_service::GenerationService;

use crate::asked::{Answer, Asked, Destination};
use crate::worker::Errand;
use crate::{Error, QueuedTask, TaskId, TaskStore, TaskWatch};

/// What a queue is told.
///
/// # Defaults
/// - `max_concurrent_generations`: 5
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueConfig {
    /// How many tasks run at a time; at least one.
    pub max_concurrent_generations: usize,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self { max_concurrent_generations: 5 }
    }
}

impl QueueConfig {
    /// Sets how many tasks run at a time.
    pub fn with_max_concurrent_generations(mut self, most: usize) -> Self {
        self.max_concurrent_generations = most;
        self
    }
}

/// Runs generations as tasks. Cheap to clone. Tasks go on when the last clone is dropped; [`stop`](Self::stop) ends them.
#[derive(Debug, Clone)]
pub struct Queue(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) service: GenerationService,
    pub(crate) store: Arc<dyn TaskStore>,
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) stop: CancellationToken,
    workers: TaskTracker,
    asked: Asked,
    /// The tasks that are running, or stand still since they ran here.
    running: Mutex<HashMap<TaskId, watch::Receiver<QueuedTask>>>,
}

impl Inner {
    fn running(&self) -> MutexGuard<'_, HashMap<TaskId, watch::Receiver<QueuedTask>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of a task that has ended; one that stands still is kept with its reason.
    pub(crate) fn forget(&self, id: &TaskId) {
        let mut running = self.running();
        if running.get(id).is_some_and(|task| task.borrow().state.is_final()) {
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
            permits: Arc::new(Semaphore::new(config.max_concurrent_generations.max(1))),
            stop: CancellationToken::new(),
            workers: TaskTracker::new(),
            asked: Asked::default(),
            running: Mutex::default(),
        }))
    }

    /// Checks a request and takes it in. Returns at once; the task runs by itself.
    ///
    /// What is asked for twice is paid for once, where the service [keeps books](GenerationService::with_books) and
    /// nothing [fresh](GenerationRequest::fresh) is asked for: a task of this process that is making the same for the
    /// same place, or stands still on its way, is the answer; and a video that is finished is taken.
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
        let Some(fingerprint) = fingerprint else { return self.take_in(plan, None, true).await.map(|(id, _)| id) };
        // What is probably not paid for has not to fit into the budget; where it is after all, that is seen to later.
        let reserve = !self.0.service.was_made(&fingerprint).await;
        let turn = self.0.asked.turn(fingerprint, Destination::from(&plan)).await;
        match turn.answer() {
            Answer::Joined(id) => Ok(id),
            Answer::Taken(after) => {
                let (id, watch) = self.take_in(plan, after, reserve).await?;
                turn.taken(id.clone(), watch);
                Ok(id)
            }
        }
    }

    /// Makes a task of a plan, which begins when the other one has ended.
    async fn take_in(
        &self,
        plan: GenerationPlan,
        after: Option<TaskWatch>,
        reserve: bool,
    ) -> Result<(TaskId, TaskWatch), Error> {
        let generation = self.0.service.begun(Generation::new(plan));
        let id = TaskId::new();
        // Kept first: money that is set aside for a task that nobody knows would stay set aside.
        self.0.store.insert(&id, generation.clone()).await?;
        if reserve && let Err(failure) = self.0.service.reserve(&generation).await {
            self.0.store.append(&id, &GenerationEvent::Failed(failure.clone())).await?;
            return Err(Error::Refused(failure));
        }
        self.start(id.clone(), generation, after);
        let watch = self.watch(&id).await?;
        Ok((id, watch))
    }

    /// Takes in a request that fal has accepted already, known by its id. It is not submitted again.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such model or the id is malformed; [`Error::Stopped`]; else when the task
    /// cannot be kept.
    pub async fn adopt(&self, model: &str, request_id: &str, file_name: Option<String>) -> Result<TaskId, Error> {
        let _open = self.open()?;
        let mut generation = self.0.service.adopt(model, request_id).map_err(Error::Refused)?;
        generation.file_name = file_name;
        let generation = self.0.service.begun(generation);
        let id = TaskId::new();
        self.0.store.insert(&id, generation.clone()).await?;
        self.start(id.clone(), generation, None);
        Ok(id)
    }

    /// Lets a task go on that stands still.
    ///
    /// # Errors
    /// [`Error::UnknownTask`]; [`Error::NotHeld`] when it is running or has ended; [`Error::Stopped`].
    pub async fn resume(&self, id: &TaskId) -> Result<(), Error> {
        let _open = self.open()?;
        let generation = self.0.store.load(id).await?.ok_or_else(|| Error::UnknownTask(id.clone()))?;
        if !generation.state.is_final() && self.start(id.clone(), generation, None) {
            return Ok(());
        }
        Err(Error::NotHeld(id.clone()))
    }

    /// A task as it is now.
    ///
    /// # Errors
    /// [`Error::UnknownTask`]; else when it cannot be read.
    pub async fn get(&self, id: &TaskId) -> Result<QueuedTask, Error> {
        if let Some(running) = self.0.running().get(id) {
            return Ok(running.borrow().clone());
        }
        let generation = self.0.store.load(id).await?.ok_or_else(|| Error::UnknownTask(id.clone()))?;
        Ok(QueuedTask::new(id.clone(), &generation))
    }

    /// Follows a task.
    ///
    /// # Errors
    /// [`Error::UnknownTask`]; else when it cannot be read.
    pub async fn watch(&self, id: &TaskId) -> Result<TaskWatch, Error> {
        if let Some(running) = self.0.running().get(id) {
            return Ok(TaskWatch(running.clone()));
        }
        // It changes no more, so its sender may be gone.
        let (_, ended) = watch::channel(self.get(id).await?);
        Ok(TaskWatch(ended))
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

    /// The tasks of this process that have not ended, oldest first: those that are running, and those that stand still.
    pub fn unfinished(&self) -> Vec<QueuedTask> {
        let mut tasks: Vec<_> = self.0.running().values().map(|task| task.borrow().clone()).collect();
        tasks.retain(|task| !task.state.is_final());
        tasks.sort_by(|one, other| one.id.cmp(&other.id));
        tasks
    }

    /// Stops all tasks and waits until they stand still. A submit that is under way is seen through first. Tasks that
    /// fal has accepted go on there; their request ids are in the store. From now on nothing is taken in. May be called
    /// again.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.workers.close();
        self.0.workers.wait().await;
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
        if running.get(&id).is_some_and(|task| !task.borrow().is_settled()) {
            return false;
        }
        let (watchers, watched) = watch::channel(QueuedTask::new(id.clone(), &generation));
        running.insert(id.clone(), watched);
        let errand = Errand { id, generation, after };
        self.0.workers.spawn(errand.run(Arc::clone(&self.0), watchers));
        true
    }
}
