//! The spans of one run: one for the generation, below it one for each step, and what they took.

use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Span, info_span};
use videogen_domain::{Failure, Generation, GenerationEvent, GenerationState};

use crate::{EndStatus, Held, Journal, Measurement, Telemetry};

/// The run of one generation in this process.
pub(crate) struct Trail<'a> {
    telemetry: &'a dyn Telemetry,
    model: String,
    span: Span,
    began: Instant,
    leg: Option<Leg>,
}

struct Leg {
    step: &'static str,
    span: Span,
    began: Instant,
}

impl<'a> Trail<'a> {
    /// Opens the span of the generation, in the trace that the generation belongs to, or else in a new one.
    pub(crate) fn begin(telemetry: &'a dyn Telemetry, generation: &mut Generation, journal: &dyn Journal) -> Self {
        let span = info_span!(
            parent: None,
            "generation",
            gen_ai.operation.name = "generate_content",
            gen_ai.provider.name = "fal_ai",
            gen_ai.output.type = "video",
            gen_ai.request.model = generation.endpoint_id,
            gen_ai.response.id = Empty,
            videogen.model = generation.model_id,
            videogen.video.seconds = generation.plan.as_ref().and_then(|plan| plan.duration_seconds),
            videogen.task.id = journal.task_id(),
            error.type = Empty,
            otel.status_code = Empty,
        );
        match &generation.traceparent {
            Some(traceparent) => telemetry.follow(&span, traceparent),
            None => generation.traceparent = telemetry.traceparent(&span),
        }
        Self { telemetry, model: generation.model_id.clone(), span, began: Instant::now(), leg: None }
    }

    /// The span of the generation.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// The span of a step; the same one while the step stays the same.
    pub(crate) fn step(&mut self, step: &'static str, generation: &Generation) -> Span {
        if let Some(leg) = self.leg.as_ref().filter(|leg| leg.step == step) {
            return leg.span.clone();
        }
        self.leave();
        let span = info_span!(
            parent: &self.span,
            "step",
            otel.name = step,
            step,
            gen_ai.request.model = generation.endpoint_id,
            gen_ai.response.id = generation.request_id(),
            videogen.attempt.id = generation.attempt.as_ref().map(|attempt| attempt.attempt_id.as_str()),
            error.type = Empty,
            otel.status_code = Empty,
        );
        self.leg = Some(Leg { step, span: span.clone(), began: Instant::now() });
        span
    }

    /// Notes what a step has brought.
    pub(crate) fn brought(&self, event: &GenerationEvent) {
        let Some(leg) = &self.leg else { return };
        match event {
            GenerationEvent::ImagesUploaded { image, end_image, .. } => {
                // A picture that was given by its address was not uploaded.
                for image in [image].into_iter().chain(end_image).filter(|image| image.content_hash.is_some()) {
                    self.telemetry.measured(&Measurement::Upload { cached: image.cached });
                }
            }
            GenerationEvent::SubmitIntended(attempt) => {
                leg.span.record("videogen.attempt.id", attempt.attempt_id.as_str());
            }
            GenerationEvent::Submitted(remote) => {
                leg.span.record("gen_ai.response.id", remote.request_id.as_str());
            }
            GenerationEvent::Failed(failure) => mark(&leg.span, failure),
            _ => {}
        }
    }

    /// Notes how the generation ended in this process.
    pub(crate) fn end(mut self, ended: &Result<Generation, Box<Held>>) {
        let (generation, failure) = match ended {
            Ok(generation) => (generation, generation.failure.as_ref()),
            Err(held) => (&held.generation, Some(&held.failure)),
        };
        if let Some(request_id) = generation.request_id() {
            self.span.record("gen_ai.response.id", request_id);
        }
        if let Some(failure) = failure {
            mark(&self.span, failure);
            if let Some(leg) = &self.leg {
                mark(&leg.span, failure);
            }
        }
        self.leave();
        self.telemetry.measured(&Measurement::Ended {
            // The one that was asked last, where models were changed.
            model: &generation.model_id,
            status: match (ended, generation.state) {
                (Err(_), _) => EndStatus::Held,
                (Ok(_), GenerationState::Completed) => EndStatus::Success,
                (Ok(_), _) => EndStatus::Error,
            },
            took: self.began.elapsed(),
            estimated: generation.estimate().upper_bound(),
            billed: generation.billed,
        });
    }

    fn leave(&mut self) {
        if let Some(Leg { step, began, .. }) = self.leg.take() {
            self.telemetry.measured(&Measurement::Step { model: &self.model, step, took: began.elapsed() });
        }
    }
}

/// The kind alone: a message may hold what somebody else wrote.
fn mark(span: &Span, failure: &Failure) {
    span.record("error.type", failure.kind.name());
    span.record("otel.status_code", "ERROR");
}
