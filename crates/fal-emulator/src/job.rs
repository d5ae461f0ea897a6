//! One accepted request and the states it goes through: queued, running, completed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::models::Price;

/// A request from its acceptance on. What is serialised is what a restart needs.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) endpoint_id: String,
    pub(crate) input: Value,
    pub(crate) accepted_at: Timestamp,
    /// Expected until the request has completed, then final.
    pub(crate) price: Price,
    pub(crate) outcome: Option<Outcome>,
    /// Seconds.
    pub(crate) inference_time: Option<f64>,
    pub(crate) logs: Vec<LogLine>,
    #[serde(skip)]
    pub(crate) running: bool,
    /// A position in the queue that is shown for a while, whoever else waits.
    #[serde(skip)]
    pub(crate) shown_position: u64,
    /// Tells the renderer to give up.
    #[serde(skip)]
    pub(crate) stop: Arc<AtomicBool>,
}

/// How a request ended.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum Outcome {
    /// The video is this file of the CDN.
    Video { file_id: String },
    /// The input was refused; this is the body of the 422.
    Invalid { body: Value },
    /// The client cancelled it in time.
    Cancelled,
    /// The emulator itself failed.
    Failed { message: String },
}

/// A line of a request's log, as fal sends it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LogLine {
    message: String,
    level: String,
    source: String,
    timestamp: String,
}

impl Job {
    pub(crate) fn new(id: String, endpoint_id: &str, input: Value, price: Price) -> Self {
        Self {
            id,
            endpoint_id: endpoint_id.to_owned(),
            input,
            accepted_at: Timestamp::now(),
            price,
            outcome: None,
            inference_time: None,
            logs: Vec::new(),
            running: false,
            shown_position: 0,
            stop: Arc::default(),
        }
    }

    pub(crate) fn is_queued(&self) -> bool {
        self.outcome.is_none() && !self.running
    }

    pub(crate) fn log(&mut self, message: impl Into<String>) {
        self.logs.push(LogLine {
            message: message.into(),
            level: "INFO".to_owned(),
            source: "USER".to_owned(),
            timestamp: format!("{:.6}", Timestamp::now()),
        });
    }

    /// Completes the request; only a video costs something.
    pub(crate) fn complete(&mut self, outcome: Outcome, inference_time: f64) {
        if !matches!(outcome, Outcome::Video { .. }) {
            self.price = self.price.nothing();
        }
        self.running = false;
        self.inference_time = Some(inference_time);
        self.outcome = Some(outcome);
    }

    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

impl Outcome {
    /// The `error` and `error_type` of a completed status, where there are any.
    pub(crate) fn error(&self) -> Option<(String, String)> {
        match self {
            Self::Video { .. } => None,
            Self::Invalid { body } => {
                let text = |name: &str| body["detail"][0][name].as_str().unwrap_or_default().to_owned();
                Some((text("msg"), text("type")))
            }
            Self::Cancelled => Some(("Request was cancelled by the client".to_owned(), "client_cancelled".to_owned())),
            Self::Failed { message } => Some((message.clone(), "internal_error".to_owned())),
        }
    }

    /// The body of a failed result.
    pub(crate) fn error_body(&self) -> Value {
        match (self, self.error()) {
            (Self::Invalid { body }, _) => body.clone(),
            (_, Some((detail, error_type))) => json!({ "detail": detail, "error_type": error_type }),
            (_, None) => Value::Null,
        }
    }
}
