//! What goes on by itself: tasks that others have left, and those that stand still, when their reason has ended.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use videogen_domain::{FailureKind, Recovery};
use videogen_service::error_chain;

use crate::queue::is_unclear;
use crate::{Error, Queue, QueuedTask, TaskId};

/// How long after one try the next one is made, the first time and at most: it doubles in between.
const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(600);

impl Queue {
    /// Looks after tasks now and again, until the queue is stopped. For programs that run for long.
    ///
    /// - What processes leave that die from now on goes on here, as by [`recover`](Self::recover).
    /// - A task of this process that stands still for a reason that passes (fal cannot be reached, the disk is full, today's budget
    ///   is spent) is tried again: after 10 seconds, and then after twice as long each time, up to 10 minutes. Nothing that
    ///   may have been accepted is sent again.
    /// - A task that stands still because nobody knew whether fal had accepted it goes on when another process has learnt so.
    pub fn tend(&self, every: Duration) {
        let queue = self.clone();
        self.0.workers.spawn(async move {
            let tended = async {
                let mut tries = Tries::default();
                loop {
                    if let Err(error) = queue.look_after(&mut tries).await {
                        tracing::warn!(error = error_chain(&error), "tasks cannot be looked after");
                    }
                    sleep(every).await;
                }
            };
            queue.0.stop.run_until_cancelled(tended).await;
        });
    }

    async fn look_after(&self, tries: &mut Tries) -> Result<(), Error> {
        for id in self.recover().await? {
            tracing::info!(task = id.as_str(), "a task that a process has left that died goes on");
        }
        let held: Vec<QueuedTask> = self.unfinished().into_iter().filter(QueuedTask::is_held).collect();
        tries.forget_all_but(&held);
        for task in held {
            let goes_on = match is_unclear(task.state) {
                true => !is_unclear(self.kept(&task.id).await?.generation.state),
                false => passes(&task) && tries.is_time(&task.id),
            };
            if goes_on {
                self.take_over(&task.id, None).await?;
            }
        }
        Ok(())
    }
}

/// Whether it stands still for a reason that may end by itself.
fn passes(task: &QueuedTask) -> bool {
    let passes = |kind, recovery| recovery == Recovery::Later && kind != FailureKind::Stopped;
    task.failure.as_ref().is_some_and(|failure| passes(failure.kind, failure.recovery))
}

/// When each task that stands still is tried again.
#[derive(Default)]
struct Tries(HashMap<TaskId, (Instant, Duration)>);

impl Tries {
    /// Whether it is time for the next try, which is counted then.
    fn is_time(&mut self, id: &TaskId) -> bool {
        let now = Instant::now();
        let (next, delay) = self.0.entry(id.clone()).or_insert((now + FIRST, FIRST));
        if now < *next {
            return false;
        }
        *delay = (*delay * 2).min(LONGEST);
        *next = now + *delay;
        true
    }

    /// What goes on for a while has its reason behind it; a task that runs in this moment may come to it again.
    fn forget_all_but(&mut self, held: &[QueuedTask]) {
        let now = Instant::now();
        self.0.retain(|id, (next, _)| now < *next || held.iter().any(|task| task.id == *id));
    }
}
