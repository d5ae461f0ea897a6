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

use crate::{Error, QueuedTask, TaskId, TaskStore, TaskWatch, worker};

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
            running: Mutex::default(),
        }))
    }

    /// Checks a request and takes it in. Returns at once; the task runs by itself.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every mistake, before anything is sent; [`Error::Refused`] when it does not fit into the
    /// budget; [`Error::Stopped`]; else when the task cannot be kept.
    pub async fn submit(&self, request: &GenerationRequest) -> Result<TaskId, Error> {
        let _open = self.open()?;
        let plan = self.0.service.plan(request).await?;
        self.submit_plan(plan).await
    }

    /// Takes in a request that has been checked, and sets its cost aside.
    ///
    /// # Errors
    /// [`Error::Refused`] when it does not fit into the budget; [`Error::Stopped`]; else when the task cannot be kept.
    pub async fn submit_plan(&self, plan: GenerationPlan) -> Result<TaskId, Error> {
        let _open = self.open()?;
        let generation = self.0.service.begun(Generation::new(plan));
        let id = TaskId::new();
        // Kept first: money that is set aside for a task that nobody knows would stay set aside.
        self.0.store.insert(&id, generation.clone()).await?;
        if let Err(failure) = self.0.service.reserve(&generation).await {
            self.0.store.append(&id, &GenerationEvent::Failed(failure.clone())).await?;
            return Err(Error::Refused(failure));
        }
        self.start(id.clone(), generation);
        Ok(id)
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
        self.start(id.clone(), generation);
        Ok(id)
    }

    /// Lets a task go on that stands still.
    ///
    /// # Errors
    /// [`Error::UnknownTask`]; [`Error::NotHeld`] when it is running or has ended; [`Error::Stopped`].
    pub async fn resume(&self, id: &TaskId) -> Result<(), Error> {
        let _open = self.open()?;
        let generation = self.0.store.load(id).await?.ok_or_else(|| Error::UnknownTask(id.clone()))?;
        if !generation.state.is_final() && self.start(id.clone(), generation) {
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
        let settled = async {
            let task = watch.now();
            let mut task = Some(task).filter(|task| !task.is_settled());
            while task.is_some() {
                task = watch.changed().await.filter(|task| !task.is_settled());
            }
        };
        match timeout {
            Some(limit) => {
                let late = |_| Error::StillRunning { id: id.clone(), waited: limit };
                tokio::time::timeout(limit, settled).await.map_err(late)?;
            }
            None => settled.await,
        }
        Ok(watch.now())
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
    fn start(&self, id: TaskId, generation: Generation) -> bool {
        let mut running = self.0.running();
        if running.get(&id).is_some_and(|task| !task.borrow().is_settled()) {
            return false;
        }
        let (watchers, watched) = watch::channel(QueuedTask::new(id.clone(), &generation));
        running.insert(id.clone(), watched);
        self.0.workers.spawn(worker::run(Arc::clone(&self.0), id, generation, watchers));
        true
    }
}
