//! One generation from request to file without a queue, with a stream of what happens.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::{Stream, StreamExt};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::{CancellationToken, DropGuard};
use videogen_domain::{Generation, GenerationEvent, GenerationPlan, GenerationRequest, Violations};

use crate::{GenerationService, Held, Journal, JournalError, TransferProgress};

/// Something that a generation without a queue tells.
#[derive(Debug)]
#[non_exhaustive]
pub enum GenerationUpdate {
    /// It is valid; this is what it will do and cost. Nothing has been sent.
    Planned(Box<GenerationPlan>),
    /// It has taken a step, which the journal has kept.
    Event(Box<GenerationEvent>),
    /// A transfer has come so far.
    Transferred(TransferProgress),
    /// It is over. The last update.
    Ended(Result<Box<Generation>, GenerateError>),
}

/// Why a generation without a queue has no video.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// The request has mistakes; nothing was sent.
    #[error("the request has mistakes; nothing was sent: {0}")]
    Refused(Violations),
    /// It stands still. [`GenerationService::run`] goes on with it.
    #[error(transparent)]
    Held(Box<Held>),
}

/// What a generation without a queue tells, in order, to its end.
///
/// Dropping it stops the generation: at once, but never in the middle of a submit. The journal has what was paid for.
#[derive(Debug)]
#[must_use = "dropping it stops the generation"]
pub struct GenerationUpdates {
    updates: UnboundedReceiver<GenerationUpdate>,
    _stop: DropGuard,
}

impl GenerationUpdates {
    /// Waits for the end. The generation is completed or failed.
    ///
    /// # Errors
    /// When the request was refused, or the generation stands still.
    pub async fn ended(mut self) -> Result<Generation, GenerateError> {
        loop {
            match self.next().await {
                Some(GenerationUpdate::Ended(ended)) => return ended.map(|generation| *generation),
                Some(_) => {}
                // The task that tells was torn down with its runtime, and nobody polls this any more.
                None => std::future::pending().await,
            }
        }
    }
}

impl Stream for GenerationUpdates {
    type Item = GenerationUpdate;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.updates.poll_recv(context)
    }
}

impl GenerationService {
    /// Checks a request and takes every step, on a task of its own, for callers that want no queue. Each event is kept
    /// by `journal` before the next step: with one that survives the process, another can go on where this one stopped.
    ///
    /// # Panics
    /// When it is called outside of a tokio runtime.
    pub fn generate(&self, request: GenerationRequest, journal: Arc<dyn Journal>) -> GenerationUpdates {
        let (teller, updates) = unbounded_channel();
        let stop = CancellationToken::new();
        let (service, stopped) = (self.clone(), stop.clone());
        tokio::spawn(async move {
            let telling = Telling { journal, teller };
            let ended = service.generate_telling(&request, &telling, &stopped).await;
            telling.tell(GenerationUpdate::Ended(ended.map(Box::new)));
        });
        GenerationUpdates { updates, _stop: stop.drop_guard() }
    }

    async fn generate_telling(
        &self,
        request: &GenerationRequest,
        telling: &Telling,
        stop: &CancellationToken,
    ) -> Result<Generation, GenerateError> {
        let plan = self.plan(request).await.map_err(GenerateError::Refused)?;
        telling.tell(GenerationUpdate::Planned(Box::new(plan.clone())));
        self.run_until(Generation::new(plan), telling, stop).await.map_err(GenerateError::Held)
    }
}

/// Keeps events in a journal and tells of them.
struct Telling {
    journal: Arc<dyn Journal>,
    teller: UnboundedSender<GenerationUpdate>,
}

impl Telling {
    fn tell(&self, update: GenerationUpdate) {
        // Nobody listens any more; the generation is being stopped.
        let _ = self.teller.send(update);
    }
}

#[async_trait::async_trait]
impl Journal for Telling {
    async fn record(&self, event: &GenerationEvent) -> Result<(), JournalError> {
        self.journal.record(event).await?;
        self.tell(GenerationUpdate::Event(Box::new(event.clone())));
        Ok(())
    }

    fn transferred(&self, progress: TransferProgress) {
        self.journal.transferred(progress);
        self.tell(GenerationUpdate::Transferred(progress));
    }
}
