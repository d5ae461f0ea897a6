//! The providers of OpenTelemetry, with an exporter where there is an endpoint.

use opentelemetry_otlp::{LogExporter, MetricExporter, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::{MeterProviderBuilder, SdkMeterProvider};
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::SdkTracerProvider;

use super::endpoints::Endpoints;
use super::telemetry;
use crate::Error;

/// Who sends it. What `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say outranks the program's own name.
pub(super) fn resource(program: &'static str) -> Resource {
    Resource::builder_empty()
        .with_service_name(program)
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_detector(Box::new(EnvResourceDetector::new()))
        .build()
}

/// Without an endpoint too: a generation has its trace, whoever looks at it later.
pub(super) fn traces(endpoints: &Endpoints, resource: Resource) -> Result<SdkTracerProvider, Error> {
    let provider = SdkTracerProvider::builder().with_resource(resource);
    let Some(endpoint) = &endpoints.traces else { return Ok(provider.build()) };
    let exporter = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_endpoint(endpoint);
    Ok(provider.with_batch_exporter(exporter.build().map_err(telemetry)?).build())
}

pub(super) fn metrics(endpoints: &Endpoints, resource: Resource) -> Result<MeterProviderBuilder, Error> {
    let provider = SdkMeterProvider::builder().with_resource(resource);
    let Some(endpoint) = &endpoints.metrics else { return Ok(provider) };
    let exporter = MetricExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_endpoint(endpoint);
    Ok(provider.with_periodic_exporter(exporter.build().map_err(telemetry)?))
}

pub(super) fn logs(endpoints: &Endpoints, resource: Resource) -> Result<Option<SdkLoggerProvider>, Error> {
    let Some(endpoint) = &endpoints.logs else { return Ok(None) };
    let exporter = LogExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_endpoint(endpoint);
    let exporter = exporter.build().map_err(telemetry)?;
    Ok(Some(SdkLoggerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build()))
}

/// The names stay as they are: nothing is added for the unit or the kind.
#[cfg(feature = "prometheus")]
pub(super) fn prometheus_reader(
    registry: &prometheus::Registry,
) -> Result<opentelemetry_prometheus::PrometheusExporter, Error> {
    opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .without_units()
        .without_counter_suffixes()
        .scope_info_enabled(false)
        .build()
        .map_err(telemetry)
}
