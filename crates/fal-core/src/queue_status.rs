//! How far a request is.

use std::time::Duration;

use crate::ErrorType;

/// How far a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueueStatus {
    /// It waits.
    InQueue {
        /// How many requests are ahead of it.
        position: Option<u64>,
    },
    /// It is being worked on.
    InProgress {
        /// Log lines: all so far from [`FalApi::status`](crate::FalApi::status), the new ones from a
        /// [`Watch`](crate::Watch).
        logs: Vec<LogEntry>,
    },
    /// It has ended, for better or worse: the result tells which.
    Completed {
        /// Log lines, as above.
        logs: Vec<LogEntry>,
        /// What went wrong, if something did.
        error: Option<RequestFailure>,
        /// `metrics.inference_time`: how long the model worked. Not always told.
        inference_time: Option<Duration>,
    },
}

impl QueueStatus {
    /// A request that has ended without an error, of which no more is known.
    pub fn completed() -> Self {
        Self::Completed { logs: Vec::new(), error: None, inference_time: None }
    }

    /// Whether it has ended.
    pub fn is_completed(&self) -> bool {
        matches!(self, Self::Completed { .. })
    }
}

/// Why a request failed, as its status tells. Its result tells more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestFailure {
    /// fal's words, for example `Invalid status code: 422`. Not for programs: they look at the result.
    pub message: String,
    /// fal's name for it where fal itself failed.
    pub error_type: Option<ErrorType>,
}

impl RequestFailure {
    /// A failure of which only fal's words are known.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), error_type: None }
    }
}

/// One line of a model's log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LogEntry {
    /// The text.
    pub message: String,
    /// When, as fal wrote it; not always with a time zone.
    pub timestamp: Option<String>,
    /// `STDERR`, `STDOUT`, `ERROR`, `INFO`, `WARN` or `DEBUG`.
    pub level: Option<String>,
}

impl LogEntry {
    /// A line of which only the text is known.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), timestamp: None, level: None }
    }
}
