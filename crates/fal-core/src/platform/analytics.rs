//! How fast and how reliable models are.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use futures::stream::BoxStream;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::page::List;
use super::{Bucket, Platform, Query, Timeframe};
use crate::{EndpointId, Error};

const PATH: &[&str] = &["models", "analytics"];

/// Which figures are asked for. Default: how many requests there were in the last 24 h.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalyticsQuery {
    query: Query,
    metrics: Vec<String>,
}

impl AnalyticsQuery {
    /// The figures of this model.
    pub fn new(endpoint: &EndpointId) -> Self {
        Self { query: Query::default().add("endpoint_id", endpoint), metrics: Vec::new() }
    }

    /// Those of this model too; 50 models at most.
    pub fn with_endpoint(mut self, endpoint: &EndpointId) -> Self {
        self.query = self.query.add("endpoint_id", endpoint);
        self
    }

    /// This figure, and those named before, by fal's names:
    ///
    /// - counts: `request_count`, `success_count`, `user_error_count`, `error_count`, `startup_error_count`,
    ///   `connection_error_count`, `timeout_error_count`, `runtime_error_count`, `cold_boot_count`
    /// - seconds until work begins: `p50_prepare_duration`, also `p75`, `p90`, `p95` and `p99`
    /// - seconds of work: `p50_duration`, also `p25`, `p75`, `p90`, `p95` and `p99`
    /// - seconds of a cold start: `p50_cold_boot_duration`, also `p75` and `p90`
    /// - seconds billed: `total_billable_duration`
    pub fn with_metric(mut self, name: &str) -> Self {
        self.metrics.push(name.to_owned());
        self
    }

    /// Only from this time on; fal moves it to the beginning of the stretch that it falls into.
    pub fn with_start(mut self, start: Timestamp) -> Self {
        self.query = self.query.set_time("start", start);
        self
    }

    /// Only before this time; fal moves it to the end of the stretch that it falls into.
    pub fn with_end(mut self, end: Timestamp) -> Self {
        self.query = self.query.set_time("end", end);
        self
    }

    /// By stretches of this length. Default: fal chooses by the time asked for.
    pub fn with_timeframe(mut self, timeframe: Timeframe) -> Self {
        self.query = self.query.set("timeframe", timeframe.name());
        self
    }

    fn expand(self, form: &'static str) -> Query {
        let metrics = if self.metrics.is_empty() { vec!["request_count".to_owned()] } else { self.metrics };
        self.query.add("expand", form).add_all("expand", metrics)
    }
}

impl Platform {
    /// Figures by stretches of time, page after page.
    pub fn analytics(&self, query: AnalyticsQuery) -> BoxStream<'static, Result<Bucket<ModelAnalytics>, Error>> {
        self.all(List { path: PATH, name: "time_series" }, query.expand("time_series"))
    }

    /// Figures over the whole time, one entry for each model.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn analytics_summary(&self, query: AnalyticsQuery) -> Result<Vec<ModelAnalytics>, Error> {
        self.all(List { path: PATH, name: "summary" }, query.expand("summary")).try_collect().await
    }
}

/// The figures of one model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ModelAnalytics {
    /// fal's name for the model.
    pub endpoint_id: String,
    #[serde(flatten)]
    figures: BTreeMap<String, Value>,
}

impl ModelAnalytics {
    /// A figure by fal's name: see [`AnalyticsQuery::with_metric`]. Durations are in seconds.
    pub fn metric(&self, name: &str) -> Option<f64> {
        self.figures.get(name)?.as_f64()
    }
}
