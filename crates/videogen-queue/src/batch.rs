//! Several videos, made together.

use std::collections::{HashMap, HashSet};

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use videogen_domain::{BatchPlan, CostEstimate, GenerationPlan, GenerationState, ProjectId, Usd};
use videogen_service::error_chain;

use crate::{Error, Queue, QueuedTask, TaskId, TaskStatus};

/// What becomes of the others when one video of a batch is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnFailure {
    /// They are made.
    #[default]
    Continue,
    /// What was not sent yet is not sent any more. What fal has accepted is paid for, and goes on.
    Stop,
}

/// Videos that are being made together: [`Queue::batch`].
///
/// Like a chain it has no record of its own. A batch that was cut off, however that happened, is begun again with the same plan:
/// videos that are finished are given again at no cost, and those that are under way are joined.
#[derive(Debug)]
pub struct Batch {
    queue: Queue,
    tasks: Vec<TaskId>,
    settling: FuturesUnordered<BoxFuture<'static, (usize, Result<QueuedTask, Error>)>>,
    on_failure: OnFailure,
    has_stopped: bool,
    /// Tasks that are in the summary.
    counted: HashSet<TaskId>,
    summary: BatchSummary,
}

/// What has become of the videos of a batch so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchSummary {
    /// How many there are.
    pub videos: usize,
    /// How many are made, those of [`reused`](Self::reused) included.
    pub completed: usize,
    /// How many of these had been made before, at no cost now.
    pub reused: usize,
    /// Of how many there will be no video.
    pub failed: usize,
    /// How many were cancelled, because another one was not made or somebody wished so.
    pub cancelled: usize,
    /// How many stand still, and can go on.
    pub held: usize,
    /// What fal has billed, as far as that is known.
    pub billed: Usd,
}

impl BatchSummary {
    /// How many have not come to an end yet.
    pub fn open(&self) -> usize {
        self.videos - self.completed - self.failed - self.cancelled - self.held
    }

    /// Of videos that are the same one is paid for.
    fn add(&mut self, task: &QueuedTask, is_first: bool) {
        match task.status {
            TaskStatus::Completed => self.completed += 1,
            TaskStatus::Failed => self.failed += 1,
            TaskStatus::Cancelled => self.cancelled += 1,
            _ => self.held += 1,
        }
        let is_made = task.status == TaskStatus::Completed;
        self.reused += usize::from(is_made && (!is_first || task.reused_request_id.is_some()));
        if is_first {
            self.billed = self.billed + task.billed.unwrap_or(Usd::ZERO);
        }
    }
}

impl Queue {
    /// Takes all videos of a plan in, or none of them: what is not made yet has to fit into the budget together.
    ///
    /// # Errors
    /// [`Error::Refused`] when they do not fit into the budget; [`Error::Stopped`]; else when a task cannot be kept: then those
    /// that were taken in before are not sent.
    pub async fn batch(&self, plan: BatchPlan, on_failure: OnFailure) -> Result<Batch, Error> {
        self.fit_together(&plan.videos).await?;
        let (videos, billed) = (plan.videos.len(), Usd::ZERO);
        let mut batch = Batch {
            queue: self.clone(),
            tasks: Vec::new(),
            settling: FuturesUnordered::new(),
            on_failure,
            has_stopped: false,
            counted: HashSet::new(),
            summary: BatchSummary { videos, completed: 0, reused: 0, failed: 0, cancelled: 0, held: 0, billed },
        };
        for video in plan.videos {
            match self.submit_plan(video).await {
                Ok(id) => batch.follow(id),
                Err(error) => {
                    batch.stop().await;
                    return Err(error);
                }
            }
        }
        Ok(batch)
    }

    /// Refuses a batch that the budget has no room for before its first video is paid. What is made, or set aside because it is
    /// under way, is not counted again.
    async fn fit_together(&self, videos: &[GenerationPlan]) -> Result<(), Error> {
        let service = &self.0.service;
        let mut of_project: HashMap<Option<&ProjectId>, Vec<CostEstimate>> = HashMap::new();
        for video in videos {
            let fingerprint = if video.fresh { None } else { service.fingerprint(video).await.ok().flatten() };
            let is_paid = match &fingerprint {
                Some(fingerprint) => {
                    service.was_made(fingerprint).await || !self.0.store.unfinished_of(fingerprint).await?.is_empty()
                }
                None => false,
            };
            if !is_paid {
                of_project.entry(video.project_id.as_ref()).or_default().push(video.estimate);
            }
        }
        let all: CostEstimate = of_project.values().flatten().copied().sum();
        service.fits(all, None).await.map_err(Error::Refused)?;
        for (project, estimates) in of_project {
            service.fits(estimates.into_iter().sum(), project).await.map_err(Error::Refused)?;
        }
        Ok(())
    }
}

impl Batch {
    /// The task of each video, in the order of the plan. Two videos that are the same have one.
    pub fn tasks(&self) -> &[TaskId] {
        &self.tasks
    }

    /// What has become of the videos so far.
    pub fn summary(&self) -> BatchSummary {
        self.summary
    }

    /// Waits until one more video is made, or it is known that it is not, or that it stands still: its place in the plan, and its
    /// task. `None` when that is known of all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next(&mut self) -> Result<Option<(usize, QueuedTask)>, Error> {
        let Some((place, settled)) = self.settling.next().await else { return Ok(None) };
        let task = settled?;
        let is_first = self.counted.insert(task.id.clone());
        self.summary.add(&task, is_first);
        if self.on_failure == OnFailure::Stop && task.status != TaskStatus::Completed && !self.has_stopped {
            self.stop().await;
        }
        Ok(Some((place, task)))
    }

    /// Sends nothing more. What fal has accepted is paid for, and goes on.
    pub async fn stop(&mut self) {
        self.has_stopped = true;
        for id in &self.tasks {
            let is_unsent = |task: QueuedTask| matches!(task.state, GenerationState::Planned | GenerationState::Ready);
            if self.queue.get(id).await.is_ok_and(is_unsent)
                && let Err(error) = self.queue.cancel(id).await
            {
                tracing::warn!(task = id.as_str(), error = error_chain(&error), "it may still be sent");
            }
        }
    }

    fn follow(&mut self, id: TaskId) {
        let (queue, place) = (self.queue.clone(), self.tasks.len());
        self.tasks.push(id.clone());
        self.settling.push(Box::pin(async move { (place, queue.wait(&id, None).await) }));
    }
}
