//! The metrics, by name, and the traces of generations.

use std::collections::HashMap;

use fal_core::BreakerPhase;
use fal_core::FalClient;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider, UpDownCounter};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use videogen_domain::Usd;
use videogen_service::{EndStatus, Measurement, Telemetry};

/// The header of W3C Trace Context.
const TRACEPARENT: &str = "traceparent";
/// Our name for the model, in every metric that depends on it.
const MODEL: &str = "gen_ai.request.model";
/// Bounds in seconds: a generation takes 30 s to 20 min, an upload or an intent far less.
const SECONDS: [f64; 14] = [0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 2400.0];

/// Everything that is measured.
#[derive(Debug)]
pub(crate) struct Instruments {
    meter: Meter,
    generations: Counter<u64>,
    duration: Histogram<f64>,
    step_duration: Histogram<f64>,
    estimated: Counter<f64>,
    billed: Counter<f64>,
    uploads: Counter<u64>,
    waiting: UpDownCounter<i64>,
    waited: Histogram<f64>,
}

impl Instruments {
    pub(crate) fn new(provider: &SdkMeterProvider) -> Self {
        let meter = provider.meter("videogen");
        let seconds = |name: &'static str, description: &'static str| {
            let histogram = meter.f64_histogram(name).with_description(description).with_unit("s");
            histogram.with_boundaries(SECONDS.to_vec()).build()
        };
        let dollars = |name: &'static str, description: &'static str| {
            meter.f64_counter(name).with_description(description).with_unit("USD").build()
        };
        Self {
            generations: meter
                .u64_counter("video_generation_total")
                .with_description("Generations that ended in this process, by status.")
                .build(),
            duration: seconds("video_generation_duration_seconds", "How long generations ran in this process."),
            step_duration: seconds("video_generation_step_duration_seconds", "How long each step took."),
            estimated: dollars(
                "video_generation_cost_estimated_usd_total",
                "The most that the completed generations were expected to cost.",
            ),
            billed: dollars("video_generation_cost_billed_usd_total", "What fal billed for completed generations."),
            uploads: meter
                .u64_counter("video_generation_uploads_total")
                .with_description("Pictures, by whether they were at fal already.")
                .build(),
            waiting: meter
                .i64_up_down_counter("video_generation_queue_depth")
                .with_description("Tasks that wait for their turn.")
                .build(),
            waited: seconds("video_generation_queue_wait_seconds", "How long tasks waited for their turn."),
            meter,
        }
    }

    /// Looks at what this client counts by itself, for as long as metrics are read.
    pub(crate) fn watch(&self, client: &FalClient) {
        // Neither keeps the client, and with it its connections.
        let retries = client.retries().clone();
        self.meter
            .u64_observable_counter("video_generation_retries_total")
            .with_description("Attempts at HTTP calls that were made again.")
            .with_callback(move |observer| observer.observe(retries.get(), &[]))
            .build();
        let breakers = client.breakers().clone();
        self.meter
            .u64_observable_gauge("video_generation_breaker_state")
            .with_description("Circuits that have failures: 0 closed, 1 half open, 2 open.")
            .with_callback(move |observer| {
                for status in breakers.snapshot() {
                    observer.observe(level(status.phase), &[KeyValue::new("circuit", status.circuit.to_string())]);
                }
            })
            .build();
    }
}

fn level(phase: BreakerPhase) -> u64 {
    match phase {
        BreakerPhase::Closed => 0,
        BreakerPhase::HalfOpen => 1,
        BreakerPhase::Open => 2,
    }
}

fn dollars(amount: Usd) -> Option<f64> {
    amount.dollars().try_into().ok()
}

impl Telemetry for Instruments {
    fn measured(&self, measurement: &Measurement<'_>) {
        let model = |model: &str| KeyValue::new(MODEL, model.to_owned());
        match *measurement {
            Measurement::Ended { model: name, status, took, estimated, billed } => {
                let attributes = [model(name), KeyValue::new("status", status.name())];
                self.generations.add(1, &attributes);
                self.duration.record(took.as_secs_f64(), &attributes);
                // What stands still is not paid, or is counted when it has gone on.
                if let Some(amount) = estimated.and_then(dollars).filter(|_| status == EndStatus::Success) {
                    self.estimated.add(amount, &attributes[..1]);
                }
                if let Some(amount) = billed.and_then(dollars) {
                    self.billed.add(amount, &attributes[..1]);
                }
            }
            Measurement::Step { model: name, step, took } => {
                self.step_duration.record(took.as_secs_f64(), &[model(name), KeyValue::new("step", step)]);
            }
            Measurement::Upload { cached } => {
                let cache = if cached { "hit" } else { "miss" };
                self.uploads.add(1, &[KeyValue::new("cache", cache)]);
            }
            Measurement::Waiting(change) => self.waiting.add(change, &[]),
            Measurement::Waited(wait) => self.waited.record(wait.as_secs_f64(), &[]),
            // From a later version of the service.
            _ => {}
        }
    }

    fn traceparent(&self, span: &Span) -> Option<String> {
        let mut fields = HashMap::new();
        TraceContextPropagator::new().inject_context(&span.context(), &mut fields);
        fields.remove(TRACEPARENT)
    }

    fn follow(&self, span: &Span, traceparent: &str) {
        let fields = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
        // Where nobody traces there is nothing to follow.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&fields));
    }
}
