//! Logs, traces and metrics of a program, set up in one place.

mod endpoints;
mod export;
mod format;
mod instruments;
mod logs;

use std::fmt;
use std::sync::Arc;

use opentelemetry::trace::TracerProvider;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::{Environment, Error};

pub use format::LogFormat;
/// The variables that are read here.
pub(crate) const VARIABLES: [&str; 8] = {
    let [base, disabled, traces, metrics, logs] = endpoints::VARIABLES;
    [base, disabled, traces, metrics, logs, logs::LEVELS, logs::FORMAT, logs::RUST_LOG]
};

pub(crate) use instruments::Instruments;

/// Takes the logs, traces and metrics of a program to where they are wanted.
///
/// - Logs: to standard error; see [`install`](Self::install).
/// - Traces, metrics and logs: to the OpenTelemetry collector that the standard variable `OTEL_EXPORTER_OTLP_ENDPOINT`
///   names, by OTLP over HTTP with protobuf. Where it is not set nothing is sent.
/// - Metrics: as a text for Prometheus, with the feature `prometheus`.
///
/// Cheap to clone.
#[derive(Clone)]
pub struct Observability(Arc<Parts>);

struct Parts {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
    /// None where they are not sent anywhere.
    logs: Option<SdkLoggerProvider>,
    instruments: Arc<Instruments>,
    #[cfg(feature = "prometheus")]
    registry: prometheus::Registry,
}

impl fmt::Debug for Observability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observability").finish_non_exhaustive()
    }
}

impl Observability {
    /// Sets it up for a program of this name, which `OTEL_SERVICE_NAME` outranks. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Telemetry`] when an address in the environment cannot be used.
    pub fn new(program: &'static str, environment: &Environment) -> Result<Self, Error> {
        let endpoints = endpoints::Endpoints::from(environment);
        let resource = export::resource(program);
        let metrics = export::metrics(&endpoints, resource.clone())?;
        #[cfg(feature = "prometheus")]
        let registry = prometheus::Registry::new();
        #[cfg(feature = "prometheus")]
        let metrics = metrics.with_reader(export::prometheus_reader(&registry)?);
        let metrics = metrics.build();
        Ok(Self(Arc::new(Parts {
            traces: export::traces(&endpoints, resource.clone())?,
            logs: export::logs(&endpoints, resource)?,
            instruments: Arc::new(Instruments::new(&metrics)),
            metrics,
            #[cfg(feature = "prometheus")]
            registry,
        })))
    }

    /// Where spans and events go to the collector, for a subscriber of your own. Only ours, so that nothing of other
    /// crates is sent that might hold what is secret.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let spans = tracing_opentelemetry::layer().with_tracer(self.0.traces.tracer("videogen")).with_threads(false);
        let logs = self.0.logs.as_ref().map(OpenTelemetryTracingBridge::new);
        spans.and_then(logs).with_filter(ours())
    }

    /// Makes this where the whole program logs: what `VIDEO_GEN_LOG`, or else `RUST_LOG`, asks for, to standard error,
    /// never to standard output; and everything of [`layer`](Self::layer). Does nothing where somebody else has
    /// done so.
    ///
    /// `always` are directives that no variable outranks.
    pub fn install(&self, environment: &Environment, format: Option<LogFormat>, always: &[&str]) {
        let written = logs::layer(environment, format, always);
        // The program goes on with whatever was there first.
        let _ = tracing_subscriber::registry().with(self.layer()).with(written).try_init();
    }

    /// The metrics as a text for Prometheus.
    ///
    /// # Errors
    /// [`Error::Telemetry`] when they cannot be written down.
    #[cfg(feature = "prometheus")]
    pub fn prometheus(&self) -> Result<String, Error> {
        prometheus::TextEncoder::new().encode_to_string(&self.0.registry.gather()).map_err(telemetry)
    }

    /// Sends what has not been sent, and goes on. Blocks for as long as the collector takes, 5 s for each kind at most.
    pub fn flush(&self) {
        // There is nobody to be told: what is lost is not worth more than the program's own work.
        let _ = self.0.traces.force_flush();
        if let Some(logs) = &self.0.logs {
            let _ = logs.force_flush();
        }
        let _ = self.0.metrics.force_flush();
    }

    /// Sends what has not been sent. Blocks for as long as the collector takes, 5 s for each kind at most; nothing is
    /// sent afterwards.
    pub fn shutdown(&self) {
        // There is nobody left to be told.
        let _ = self.0.traces.shutdown();
        if let Some(logs) = &self.0.logs {
            let _ = logs.shutdown();
        }
        let _ = self.0.metrics.shutdown();
    }

    pub(crate) fn instruments(&self) -> Arc<Instruments> {
        Arc::clone(&self.0.instruments)
    }
}

/// What goes to the collector.
fn ours() -> Targets {
    Targets::new()
        .with_target("videogen", LevelFilter::DEBUG)
        .with_target("fal_core", LevelFilter::DEBUG)
        .with_target("fal_upload", LevelFilter::DEBUG)
}

fn telemetry(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Telemetry(Box::new(source))
}
