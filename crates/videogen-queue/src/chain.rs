//! Makes the clips of a chain, one after the other.

use videogen_domain::{ChainPlan, CostEstimate, GenerationPlan, Violation, ViolationCode, Violations};

use crate::{Error, Queue, QueuedTask, TaskId, TaskStatus};

/// A chain that is being made: [`Queue::chain`].
///
/// It has no record of its own. A chain that was cut off, however that happened, is begun again with the same plan:
/// clips that are finished are given again at no cost, one that is under way is joined, and the next ones have the same
/// pictures as before.
#[derive(Debug)]
pub struct Chain {
    queue: Queue,
    plan: ChainPlan,
    /// The tasks of the clips that were begun.
    begun: Vec<TaskId>,
}

impl Queue {
    /// Begins a chain; nothing is sent yet.
    pub fn chain(&self, plan: ChainPlan) -> Chain {
        Chain { queue: self.clone(), plan, begun: Vec::new() }
    }
}

impl Chain {
    /// What is made.
    pub fn plan(&self) -> &ChainPlan {
        &self.plan
    }

    /// Waits for the clip that was begun last, and begins the next one with its last frame. `None` when all clips are made,
    /// or when the last one is not: it failed, or stands still.
    ///
    /// # Errors
    /// [`Error::Refused`] when the frame cannot be taken, or the clip does not fit into the budget; [`Error::Invalid`]
    /// when it would now cost more than was planned; else as [`Queue::submit_plan`].
    pub async fn begin_next(&mut self) -> Result<Option<TaskId>, Error> {
        let Some(planned) = self.plan.clips.get(self.begun.len()) else { return Ok(None) };
        let service = &self.queue.0.service;
        let plan = match self.last().await? {
            None if self.begun.is_empty() => {
                self.fits(planned).await?;
                planned.clone()
            }
            Some(QueuedTask { status: TaskStatus::Completed, video: Some(video), .. }) => {
                let mut request = self.plan.request.requests().swap_remove(self.begun.len());
                request.image = service.last_frame(&video).await.map_err(Error::Refused)?;
                let plan = service.plan(&request).await?;
                within(planned.estimate, plan.estimate)?;
                plan
            }
            _ => return Ok(None),
        };
        let id = self.queue.submit_plan(plan).await?;
        self.begun.push(id.clone());
        Ok(Some(id))
    }

    /// Refuses a chain that the budget has no room for before its first clip is paid. Of one that was begun before nobody
    /// knows what is left to pay; each of its clips sees to that.
    async fn fits(&self, first: &GenerationPlan) -> Result<(), Error> {
        let service = &self.queue.0.service;
        let fingerprint = service.fingerprint(first).await.map_err(Error::Refused)?;
        if let Some(fingerprint) = fingerprint
            && service.was_made(&fingerprint).await
        {
            return Ok(());
        }
        service.fits(self.plan.estimate, first.project_id.as_ref()).await.map_err(Error::Refused)
    }

    /// The clip that was begun last, once it is settled.
    async fn last(&self) -> Result<Option<QueuedTask>, Error> {
        match self.begun.last() {
            Some(id) => self.queue.wait(id, None).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Nobody pays more than was told.
fn within(planned: CostEstimate, now: CostEstimate) -> Result<(), Violations> {
    let dearer = match (planned.upper_bound(), now.upper_bound()) {
        (Some(planned), Some(now)) => planned < now,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let message = || format!("the clip was planned at {planned} and would cost {now}; plan the chain anew");
    let dearer = dearer.then(|| Violation::new("max_cost", ViolationCode::OverBudget, message()));
    Violations::check(dearer.into_iter().collect())
}
