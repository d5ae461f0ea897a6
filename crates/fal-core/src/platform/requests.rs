//! What became of past requests.

use std::fmt;

use futures::stream::BoxStream;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::page::List;
use super::{Platform, Query};
use crate::{EndpointId, Error, wire};

/// Which past requests are asked for. Default: those of the last 24 h, the last to end first, without what went in and
/// came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestQuery(Query);

impl RequestQuery {
    /// The requests to this model.
    pub fn new(endpoint: &EndpointId) -> Self {
        Self(Query::default().add("endpoint_id", endpoint))
    }

    /// Those to this model too; 50 models at most.
    pub fn with_endpoint(self, endpoint: &EndpointId) -> Self {
        Self(self.0.add("endpoint_id", endpoint))
    }

    /// Only from this time on. Default: 24 h ago, or 90 days ago for a single request.
    pub fn with_start(self, start: Timestamp) -> Self {
        Self(self.0.set_time("start", start))
    }

    /// Only before this time.
    pub fn with_end(self, end: Timestamp) -> Self {
        Self(self.0.set_time("end", end))
    }

    /// Only those that ended so.
    pub fn with_status(self, status: RequestStatus) -> Self {
        Self(self.0.set("status", status.name()))
    }

    /// Only this request.
    pub fn with_request(self, request_id: &str) -> Self {
        Self(self.0.set("request_id", request_id))
    }

    /// With what went in and what came out.
    pub fn with_payloads(self) -> Self {
        Self(self.0.set("expand", "payloads"))
    }

    /// The longest first.
    pub fn by_duration(self) -> Self {
        Self(self.0.set("sort_by", "duration"))
    }

    /// So many requests to a page: 100 at most. Default: 50.
    pub fn with_page_size(self, requests: u32) -> Self {
        Self(self.0.set("limit", requests))
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestStatus {
    /// Well.
    Success,
    /// By a fault of the model or of fal.
    Error,
    /// By a fault of its input.
    UserError,
}

impl RequestStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::UserError => "user_error",
        }
    }
}

impl Platform {
    /// Past requests, page after page. While new ones end, one may come twice.
    ///
    /// Requests that still wait may be missing, and it is not documented how soon a request appears.
    pub fn requests(&self, query: RequestQuery) -> BoxStream<'static, Result<PastRequest, Error>> {
        self.all(List { path: &["models", "requests", "by-endpoint"], name: "items" }, query.0)
    }
}

/// A past request. Its `Debug` shows neither what went in nor what came out.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct PastRequest {
    /// fal's request id.
    pub request_id: String,
    /// The model that worked on it. May be another than was asked, when fal had to fall back.
    pub endpoint_id: String,
    /// When work on it began.
    #[serde(default, deserialize_with = "wire::time::optional")]
    pub started_at: Option<Timestamp>,
    /// When it was sent to the model.
    #[serde(default, deserialize_with = "wire::time::optional")]
    pub sent_at: Option<Timestamp>,
    /// When work on it ended.
    #[serde(default, deserialize_with = "wire::time::optional")]
    pub ended_at: Option<Timestamp>,
    /// The HTTP status of its result.
    pub status_code: Option<u16>,
    /// How long it took, in seconds.
    #[serde(rename = "duration")]
    pub duration_seconds: Option<f64>,
    /// What went in, when it was asked for and fal still has it.
    pub json_input: Option<Value>,
    /// What came out, when it was asked for and fal still has it.
    pub json_output: Option<Value>,
}

impl fmt::Debug for PastRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PastRequest")
            .field("request_id", &self.request_id)
            .field("endpoint_id", &self.endpoint_id)
            .field("started_at", &self.started_at)
            .field("sent_at", &self.sent_at)
            .field("ended_at", &self.ended_at)
            .field("status_code", &self.status_code)
            .field("duration_seconds", &self.duration_seconds)
            .finish_non_exhaustive()
    }
}
