//! Finds out what became of a submit whose answer was lost.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use videogen_domain::{Failure, FailureKind, Generation, GenerationEvent, GenerationState, Recovery};
use videogen_service::{Lookup, error_chain, fault_point};

use crate::queue::Inner;
use crate::{QueuedTask, TaskId};

/// How long after one look the next one is taken; the last counts for all that follow.
const LOOKS: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(15), Duration::from_secs(60), Duration::from_secs(300)];

/// The longest time that one look may take.
const LOOK: Duration = Duration::from_secs(20);

/// What becomes of a submit whose answer was lost, and which was looked for at fal for as long as is
/// [wished](crate::QueueConfig::reconcile_for) and is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum UnconfirmedPolicy {
    /// It stands still until somebody [confirms](crate::Queue::confirm) or [discards](crate::Queue::discard) it.
    #[default]
    Hold,
    /// It is sent again. Where fal has accepted it and does not show it, that is paid for twice.
    Resubmit,
    /// It fails, and what was set aside for it is given back. Where fal has accepted it and does not show it, its video is
    /// lost.
    Fail,
}

/// A task whose submit is looked for.
pub(crate) struct Lost<'a> {
    pub(crate) queue: &'a Inner,
    pub(crate) id: &'a TaskId,
    pub(crate) watchers: &'a watch::Sender<QueuedTask>,
}

impl Lost<'_> {
    /// Whether it can be looked for, and is wished to be.
    pub(crate) fn is_looked_for(queue: &Inner, generation: &Generation) -> bool {
        generation.state == GenerationState::Unconfirmed
            && queue.service.has_history()
            && !queue.config.reconcile_for.is_zero()
    }

    /// Looks once. The generation as it goes on; `None` when it does not.
    pub(crate) async fn look_at_once(&self, generation: &Generation) -> Option<Generation> {
        match self.queue.stop.run_until_cancelled(self.look(generation)).await? {
            Lookup::Found(remote) => self.decide(generation, GenerationEvent::Submitted(remote)).await,
            _ => None,
        }
    }

    /// Looks again and again, until it is found, the time is over, or somebody else has decided. The generation as it goes
    /// on; `None` when it does not.
    pub(crate) async fn look_on(&self, generation: &Generation) -> Option<Generation> {
        let mut delays = LOOKS.into_iter().chain(std::iter::repeat(LOOKS[LOOKS.len() - 1]));
        loop {
            let delay = delays.next()?.min(self.left(generation));
            let looked = async {
                sleep(delay).await;
                self.look(generation).await
            };
            let lookup = self.queue.stop.run_until_cancelled(looked).await?;
            let is_over = self.left(generation).is_zero();
            match (lookup, self.queue.config.unconfirmed) {
                _ if !self.is_here() => return None,
                (Lookup::Found(remote), _) => {
                    return self.decide(generation, GenerationEvent::Submitted(remote)).await;
                }
                (Lookup::Ambiguous(ids), _) => {
                    self.tell(ambiguous(&ids)).await;
                    return None;
                }
                (Lookup::NotFound, UnconfirmedPolicy::Resubmit) if is_over => {
                    return self.decide(generation, GenerationEvent::NotAccepted).await;
                }
                (Lookup::NotFound, UnconfirmedPolicy::Fail) if is_over => {
                    return self.decide(generation, GenerationEvent::Failed(not_found())).await;
                }
                _ if is_over => return None,
                _ => {}
            }
        }
    }

    /// How long it is looked for yet: whoever goes on with it counts from the attempt, as whoever made it.
    fn left(&self, generation: &Generation) -> Duration {
        let since = self.queue.service.since_attempt(generation).unwrap_or(Duration::MAX);
        self.queue.config.reconcile_for.saturating_sub(since)
    }

    async fn look(&self, generation: &Generation) -> Lookup {
        let late = || {
            let message = "fal's history does not answer";
            Failure::new(FailureKind::Unreachable, Recovery::Later, message, "It is looked for again.")
        };
        let looked = timeout(LOOK, self.look_beside_others(generation)).await;
        let lookup = looked.unwrap_or_else(|_| Lookup::Unavailable(late()));
        tracing::debug!(task = self.id.as_str(), ?lookup, "a submit whose answer was lost is looked for");
        lookup
    }

    /// Requests of other tasks are not this one's, even where the input is the same.
    async fn look_beside_others(&self, generation: &Generation) -> Lookup {
        let mut known: Vec<String> = Vec::new();
        loop {
            let lookup = self.queue.service.look_for(generation, &known).await;
            let ids = match &lookup {
                Lookup::Found(remote) => vec![remote.request_id.clone()],
                Lookup::Ambiguous(ids) => ids.clone(),
                Lookup::NotFound | Lookup::Unavailable(_) => return lookup,
            };
            let mut others = Vec::new();
            for request_id in ids {
                match self.queue.store.of_request(&request_id).await {
                    Ok(Some(task)) if task != *self.id => others.push(request_id),
                    Ok(_) => {}
                    Err(error) => {
                        let (message, advice) = (error_chain(&error), error.advice());
                        return Lookup::Unavailable(Failure::new(
                            FailureKind::Record,
                            Recovery::Later,
                            message,
                            advice,
                        ));
                    }
                }
            }
            if others.is_empty() {
                return lookup;
            }
            if others.iter().any(|request_id| known.contains(request_id)) {
                return Lookup::Ambiguous(others);
            }
            known.extend(others);
        }
    }

    /// Keeps what was found or decided, unless somebody else was first.
    async fn decide(&self, generation: &Generation, event: GenerationEvent) -> Option<Generation> {
        let _alone = self.queue.deciding.lock().await;
        if !self.is_here() {
            return None;
        }
        let mut generation = generation.clone();
        if matches!(event, GenerationEvent::Failed(_)) {
            self.queue.service.give_back(&generation).await;
        }
        fault_point(event.name(), "before");
        if let Err(error) = self.queue.store.append(self.id, &event).await {
            tracing::warn!(task = self.id.as_str(), error = error_chain(&error), "what was found cannot be kept");
            return None;
        }
        fault_point(event.name(), "after");
        tracing::info!(task = self.id.as_str(), found = event.name(), "a submit whose answer was lost is resolved");
        generation.apply(event).ok()?;
        self.watchers.send_replace(QueuedTask::new(self.id.clone(), &generation));
        Some(generation)
    }

    /// Whether nobody has taken the task over since.
    fn is_here(&self) -> bool {
        let here = self.watchers.subscribe();
        self.queue.running().get(self.id).is_some_and(|running| running.task.same_channel(&here))
    }

    async fn tell(&self, failure: Failure) {
        if let Err(error) = self.queue.store.hold(self.id, &failure).await {
            tracing::warn!(task = self.id.as_str(), error = error_chain(&error), "what was found cannot be kept");
        }
        self.watchers.send_modify(|task| task.failure = Some(failure));
    }
}

fn ambiguous(ids: &[String]) -> Failure {
    let message = format!("the answer to the submit was lost, and it may be one of these requests: {}", ids.join(", "));
    let advice = "Look at them at https://fal.ai/dashboard/requests, and say which one it is.";
    Failure::new(FailureKind::Unconfirmed, Recovery::Reconcile, message, advice)
}

fn not_found() -> Failure {
    let message = "the answer to the submit was lost, and fal's history does not have the request";
    Failure::new(FailureKind::Unconfirmed, Recovery::Never, message, "Ask for it anew; nothing was paid.")
}
