//! Stands in for an OpenTelemetry collector: takes OTLP over HTTP in protobuf, and keeps it.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Metric, number_data_point};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) spans: Vec<Span>,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) logs: Vec<LogRecord>,
    /// Everything as it came, to look for what must not be there.
    pub(crate) raw: Vec<u8>,
}

pub(crate) struct Collector {
    pub(crate) endpoint: String,
    received: Kept,
}

type Kept = Arc<Mutex<Received>>;

impl Collector {
    pub(crate) async fn start() -> Self {
        let received = Kept::default();
        let router = axum::Router::new()
            .route("/v1/traces", post(traces))
            .route("/v1/metrics", post(metrics))
            .route("/v1/logs", post(logs))
            .with_state(Arc::clone(&received));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { endpoint, received }
    }

    /// What has come since the last time.
    pub(crate) fn take(&self) -> Received {
        std::mem::take(&mut self.received.lock().expect("nobody panicked"))
    }
}

async fn traces(State(kept): State<Kept>, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body.clone()).expect("is OTLP");
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    let mut kept = kept.lock().expect("nobody panicked");
    kept.spans.extend(scopes.flat_map(|scope| scope.spans));
    kept.raw.extend_from_slice(&body);
}

async fn metrics(State(kept): State<Kept>, body: Bytes) {
    let request = ExportMetricsServiceRequest::decode(body.clone()).expect("is OTLP");
    let scopes = request.resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
    let mut kept = kept.lock().expect("nobody panicked");
    kept.metrics.extend(scopes.flat_map(|scope| scope.metrics));
    kept.raw.extend_from_slice(&body);
}

async fn logs(State(kept): State<Kept>, body: Bytes) {
    let request = ExportLogsServiceRequest::decode(body.clone()).expect("is OTLP");
    let scopes = request.resource_logs.into_iter().flat_map(|resource| resource.scope_logs);
    let mut kept = kept.lock().expect("nobody panicked");
    kept.logs.extend(scopes.flat_map(|scope| scope.log_records));
    kept.raw.extend_from_slice(&body);
}

/// A text or a number among attributes, as a text.
pub(crate) fn attribute(attributes: &[KeyValue], name: &str) -> Option<String> {
    let value = attributes.iter().find(|attribute| attribute.key == name)?.value.clone()?.value?;
    Some(match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    })
}

impl Received {
    /// The sum of a metric over the points whose attribute has the value; of a histogram, how often it was measured.
    pub(crate) fn sum(&self, name: &str, only: Option<(&str, &str)>) -> f64 {
        let wanted = |attributes: &[KeyValue]| {
            only.is_none_or(|(name, value)| attribute(attributes, name).as_deref() == Some(value))
        };
        let number = |value: &Option<number_data_point::Value>| match value {
            Some(number_data_point::Value::AsInt(number)) => *number as f64,
            Some(number_data_point::Value::AsDouble(number)) => *number,
            None => 0.0,
        };
        let metric = self.metrics.iter().rev().find(|metric| metric.name == name);
        let metric = metric.unwrap_or_else(|| panic!("there is no metric {name}"));
        let points = match metric.data.as_ref().expect("it has data") {
            Data::Sum(sum) => &sum.data_points,
            Data::Gauge(gauge) => &gauge.data_points,
            Data::Histogram(histogram) => {
                let points = histogram.data_points.iter().filter(|point| wanted(&point.attributes));
                return points.map(|point| point.count as f64).sum();
            }
            other => panic!("{name}: {other:?}"),
        };
        points.iter().filter(|point| wanted(&point.attributes)).map(|point| number(&point.value)).sum()
    }
}
