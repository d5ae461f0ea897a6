//! Plans generations and runs them.

use std::fmt;
use std::sync::Arc;

use fal_core::{FalApi, RequestHistory};
use fal_upload::Uploader;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span};
use videogen_domain::{
    Budget, Failure, FailureKind, Generation, GenerationEvent, GenerationState, ModelRegistry, Recovery,
};

use crate::step::{self, Step};
use crate::trail::Trail;
use crate::{AssetStore, Books, FrameReader, Journal, NoTelemetry, ServiceConfig, Telemetry, error_chain, failure};

/// Plans generations and runs them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct GenerationService {
    pub(crate) fal: Arc<dyn FalApi>,
    pub(crate) uploader: Arc<dyn Uploader>,
    pub(crate) assets: Arc<dyn AssetStore>,
    pub(crate) models: ModelRegistry,
    pub(crate) config: ServiceConfig,
    pub(crate) books: Option<Arc<dyn Books>>,
    pub(crate) budget: Budget,
    pub(crate) frames: Option<Arc<dyn FrameReader>>,
    pub(crate) history: Option<Arc<dyn RequestHistory>>,
    telemetry: Arc<dyn Telemetry>,
}

/// A generation that stands still, with everything known of it and the reason. Run it again to go on.
#[derive(Debug)]
pub struct Held {
    /// The generation as far as it came.
    pub generation: Generation,
    /// Why it stands still.
    pub failure: Failure,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the generation stands still while {}: {}", self.generation.state, self.failure)
    }
}

impl std::error::Error for Held {}

impl GenerationService {
    /// A service made of these parts.
    pub fn new(
        fal: Arc<dyn FalApi>,
        uploader: Arc<dyn Uploader>,
        assets: Arc<dyn AssetStore>,
        models: ModelRegistry,
        config: ServiceConfig,
    ) -> Self {
        let (budget, telemetry) = (Budget::default(), Arc::new(NoTelemetry));
        Self { fal, uploader, assets, models, config, books: None, budget, frames: None, history: None, telemetry }
    }

    /// Writes down there what is reserved and spent, within a budget, and keeps projects there. Default: nothing is
    /// written down, no budget is heeded, and no request may name a project.
    pub fn with_books(mut self, books: Arc<dyn Books>, budget: Budget) -> Self {
        (self.books, self.budget) = (Some(books), budget);
        self
    }

    /// Takes single frames by this. Default: there are no posters, and no chains.
    pub fn with_frames(mut self, frames: Arc<dyn FrameReader>) -> Self {
        self.frames = Some(frames);
        self
    }

    /// Where money and projects are written down.
    pub fn books(&self) -> Option<&Arc<dyn Books>> {
        self.books.as_ref()
    }

    /// Tells this of every measurement and span.
    pub fn with_telemetry(mut self, telemetry: Arc<dyn Telemetry>) -> Self {
        self.telemetry = telemetry;
        self
    }

    /// What is told of measurements and spans.
    pub fn telemetry(&self) -> &dyn Telemetry {
        self.telemetry.as_ref()
    }

    /// Gives a generation what it has to have before it is kept, so that another process can go on with it: the name
    /// under which its cost is booked, and its trace, that of the caller or a new one.
    pub fn begun(&self, mut generation: Generation) -> Generation {
        self.name_booking(&mut generation);
        if generation.traceparent.is_none() {
            let span = info_span!("accept", gen_ai.request.model = generation.endpoint_id);
            generation.traceparent = self.telemetry.traceparent(&span);
        }
        generation
    }

    /// The place of the store that videos go to: [`AssetStore::place`].
    pub fn place(&self) -> String {
        self.assets.place()
    }

    /// The models that can be asked for.
    pub fn models(&self) -> &ModelRegistry {
        &self.models
    }

    /// A generation that fal has accepted already, to be run from there.
    ///
    /// # Errors
    /// When there is no such model or the id is malformed.
    pub fn adopt(&self, model: &str, request_id: &str) -> Result<Generation, Failure> {
        let model = self.models.get(model).map_err(|unknown| failure::unknown_model(&unknown))?;
        let endpoint = model.endpoint_id().parse().map_err(|error| failure::from_fal(&error))?;
        let handle = self.fal.handle(&endpoint, request_id).map_err(|error| failure::from_fal(&error))?;
        Ok(Generation::adopt(model.model_id(), model.endpoint_id(), step::remote(handle)))
    }

    /// Takes every step that is left, recording each event before the next step.
    ///
    /// A generation that comes in while it is [`Submitting`](GenerationState::Submitting) was left there by a process
    /// that died: it becomes [`Unconfirmed`](GenerationState::Unconfirmed), because a second submit could be a second
    /// bill.
    ///
    /// Returns a generation that is completed or failed.
    ///
    /// # Errors
    /// [`Held`] when it stands still: fal cannot be reached, the video cannot be stored, the journal cannot be
    /// written, or it is not known whether fal accepted the request.
    pub async fn run(&self, generation: Generation, journal: &dyn Journal) -> Result<Generation, Box<Held>> {
        self.run_until(generation, journal, &CancellationToken::new()).await
    }

    /// Like [`run`](Self::run), until it is asked to stop. It stops at once, but never in the middle of a submit: the
    /// answer to that is waited for and recorded.
    ///
    /// # Errors
    /// As `run`; [`FailureKind::Stopped`] when it was asked to stop.
    pub async fn run_until(
        &self,
        mut generation: Generation,
        journal: &dyn Journal,
        stop: &CancellationToken,
    ) -> Result<Generation, Box<Held>> {
        self.name_booking(&mut generation);
        let mut trail = Trail::begin(self.telemetry(), &mut generation, journal);
        let span = trail.span();
        let ended = self.take_all(generation, journal, stop, &mut trail).instrument(span).await;
        if let Err(held) = &ended {
            self.let_go(&held.generation).await;
        }
        trail.end(&ended);
        ended
    }

    /// Why a generation stands still that is told to stop, in the words of [`run_until`](Self::run_until).
    pub fn stopped(&self, generation: &Generation) -> Failure {
        failure::stopped(generation)
    }

    async fn take_all(
        &self,
        mut generation: Generation,
        journal: &dyn Journal,
        stop: &CancellationToken,
        trail: &mut Trail<'_>,
    ) -> Result<Generation, Box<Held>> {
        if generation.state == GenerationState::Submitting {
            record(&mut generation, GenerationEvent::SubmitUnconfirmed { request_id: None }, journal).await?;
        }
        let mut watching = None;
        while let Some(step) = step::next(generation.state) {
            let span = trail.step(step.name(&generation), &generation);
            let taken = self.take(step, &generation, &mut watching, journal).instrument(span);
            let taken = if step.may_be_interrupted() {
                stop.run_until_cancelled(taken).await.unwrap_or_else(|| Err(failure::stopped(&generation)))
            } else {
                taken.await
            };
            let event = match taken {
                Ok(event) => event,
                Err(failure) if step.ends_by(&failure) => GenerationEvent::Failed(failure),
                Err(failure) => return Err(Box::new(Held { generation, failure })),
            };
            let event = match event {
                GenerationEvent::Failed(failure) if generation.falls_back_after(&failure) => {
                    tracing::info!(model = generation.model_id, kind = failure.kind.name(), "the next model is asked");
                    GenerationEvent::FellBack(failure)
                }
                event => event,
            };
            self.book(&generation, &event).await;
            trail.brought(&event);
            record(&mut generation, event, journal).await?;
        }
        if generation.state == GenerationState::Unconfirmed {
            let failure = failure::unconfirmed(&generation);
            return Err(Box::new(Held { generation, failure }));
        }
        Ok(generation)
    }

    async fn take(
        &self,
        step: Step,
        generation: &Generation,
        watching: &mut Option<step::Watching>,
        journal: &dyn Journal,
    ) -> Result<GenerationEvent, Failure> {
        match step {
            Step::Upload => self.upload(generation, journal).await,
            Step::Intend => self.intend(generation).await,
            Step::Submit => self.submit(generation).await,
            Step::Watch => self.watch(generation, watching).await,
            Step::Store => self.store(generation, journal).await,
            Step::Settle => self.settle(generation).await,
        }
    }
}

/// Keeps the event, then takes it in. When it cannot be kept its step will be taken again, which is free; only what a
/// submit brought cannot be had again, and is taken in all the same.
async fn record(generation: &mut Generation, event: GenerationEvent, journal: &dyn Journal) -> Result<(), Box<Held>> {
    let kept = journal.record(&event).await;
    tracing::debug!(event = event.name(), request_id = generation.request_id(), "generation");
    let irretrievable = generation.state == GenerationState::Submitting;
    let taken = if kept.is_ok() || irretrievable { generation.apply(event) } else { Ok(()) };
    let failure = match (kept, taken) {
        (Ok(()), Ok(())) => return Ok(()),
        (Err(error), _) => error_chain(&error),
        (_, Err(error)) => error.to_string(),
    };
    let advice = "Make room for the record, then go on from the request id.";
    let failure = Failure::new(FailureKind::Record, Recovery::Later, failure, advice)
        .with_request_id(generation.request_id().map(str::to_owned));
    Err(Box::new(Held { generation: generation.clone(), failure }))
}
