//! The seam to whoever counts, measures and traces.

use std::fmt::Debug;
use std::time::Duration;

use tracing::Span;
use videogen_domain::Usd;

/// Takes measurements, and knows the trace that a span belongs to. No exporter is named here.
pub trait Telemetry: Debug + Send + Sync {
    /// Takes a measurement. It must not wait.
    fn measured(&self, measurement: &Measurement<'_>);

    /// The trace context of a span as a W3C `traceparent`, where the span is traced.
    fn traceparent(&self, span: &Span) -> Option<String> {
        let _ = span;
        None
    }

    /// Makes the span part of a trace that began elsewhere. The span must not have been entered.
    fn follow(&self, span: &Span, traceparent: &str) {
        let _ = (span, traceparent);
    }
}

/// Something that was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Measurement<'a> {
    /// A generation has come to its end in this process, or stands still.
    Ended {
        /// Our name for the model.
        model: &'a str,
        /// How it ended.
        status: EndStatus,
        /// How long it ran in this process.
        took: Duration,
        /// The most that it was expected to cost, where that is known.
        estimated: Option<Usd>,
        /// What fal billed, where it said so.
        billed: Option<Usd>,
    },
    /// A step was left, for the next one or for good.
    Step {
        /// Our name for the model.
        model: &'a str,
        /// The name of the step, as in its span.
        step: &'static str,
        /// How long it took; for `watch` all looks together.
        took: Duration,
    },
    /// A picture was brought to fal.
    Upload {
        /// Whether it was there already.
        cached: bool,
    },
    /// So many more (or fewer) tasks wait for their turn.
    Waiting(i64),
    /// A task got its turn after so long.
    Waited(Duration),
}

/// How a generation ended in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndStatus {
    /// The video is in the store.
    Success,
    /// There will be no video.
    Error,
    /// It stands still and can be taken up again.
    Held,
}

impl EndStatus {
    /// A stable name for programs, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Held => "held",
        }
    }
}

/// Measures nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTelemetry;

impl Telemetry for NoTelemetry {
    fn measured(&self, _measurement: &Measurement<'_>) {}
}
