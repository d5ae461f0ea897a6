//! One accepted request and the states it goes through: queued, running, completed.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::fate::Fate;
use crate::front::Origin;
use crate::line::Place;
use crate::models::Price;
use crate::outcome::Outcome;
use crate::queue::Options;

/// A request from its acceptance on. What is serialised is what a restart needs.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) endpoint_id: String,
    /// Shared, since it may hold a whole picture.
    pub(crate) input: Arc<Value>,
    pub(crate) accepted_at: Timestamp,
    /// Expected until the request has completed, then final.
    pub(crate) price: Price,
    /// By which names the client came, and so the ones in what its webhook is told.
    #[serde(default)]
    pub(crate) origin: Origin,
    /// The public half of the key that it came with.
    #[serde(default)]
    pub(crate) key_id: Option<String>,
    #[serde(default)]
    pub(crate) options: Options,
    #[serde(default)]
    pub(crate) fate: Fate,
    /// The id of the last attempt, which differs from the request's own after a server-side retry.
    #[serde(default)]
    pub(crate) gateway_id: String,
    /// How often a runner has taken it.
    #[serde(default)]
    pub(crate) attempts: u32,
    /// When a runner took it last.
    #[serde(default)]
    pub(crate) started_at: Option<Timestamp>,
    #[serde(default)]
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) outcome: Option<Outcome>,
    /// Seconds.
    pub(crate) inference_time: Option<f64>,
    pub(crate) logs: Vec<LogLine>,
    /// Input, output and log are no longer known; the bill is.
    #[serde(default)]
    pub(crate) forgotten: bool,
    #[serde(skip)]
    pub(crate) phase: Phase,
    /// Tells the runner to give up.
    #[serde(skip)]
    pub(crate) stop: CancellationToken,
    /// Wakes whoever watches the request.
    #[serde(skip)]
    pub(crate) changed: watch::Sender<()>,
}

/// What a submit asks for.
pub(crate) struct Submission {
    pub(crate) origin: Origin,
    pub(crate) key_id: Option<String>,
    pub(crate) input: Value,
    pub(crate) options: Options,
    pub(crate) fate: Fate,
}

/// Where an unfinished request is. A restart begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Phase {
    /// Not yet in any line, or between two attempts.
    #[default]
    Outside,
    /// In line.
    Waiting {
        place: Place,
        /// Whether a runner may take it: the emulator lets requests wait for a while where its pace is life-like.
        ready: bool,
        /// A position that is shown for a while, whoever else waits.
        shown_position: usize,
    },
    /// With a runner.
    Running,
}

/// A line of a request's log, as fal sends it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LogLine {
    pub(crate) message: String,
    level: String,
    source: String,
    timestamp: String,
}

impl Job {
    pub(crate) fn new(id: String, endpoint_id: &str, submission: Submission, price: Price, now: Timestamp) -> Self {
        Self {
            gateway_id: id.clone(),
            id,
            endpoint_id: endpoint_id.to_owned(),
            input: Arc::new(submission.input),
            accepted_at: now,
            price,
            origin: submission.origin,
            key_id: submission.key_id,
            options: submission.options,
            fate: submission.fate,
            attempts: 0,
            started_at: None,
            ended_at: None,
            outcome: None,
            inference_time: None,
            logs: Vec::new(),
            forgotten: false,
            phase: Phase::Outside,
            stop: CancellationToken::new(),
            changed: watch::Sender::default(),
        }
    }

    pub(crate) fn is_queued(&self) -> bool {
        self.outcome.is_none() && self.phase != Phase::Running
    }

    pub(crate) fn log(&mut self, message: impl Into<String>, now: Timestamp) {
        self.logs.push(LogLine {
            message: message.into(),
            level: "INFO".to_owned(),
            source: "USER".to_owned(),
            timestamp: format!("{now:.6}"),
        });
    }

    /// Completes the request; only a video costs something.
    pub(crate) fn complete(&mut self, outcome: Outcome, now: Timestamp) {
        if !matches!(outcome, Outcome::Video { .. }) {
            self.price = self.price.nothing();
        }
        let worked = self.started_at.map_or(Duration::ZERO, |begun| now.duration_since(begun).unsigned_abs());
        self.inference_time = Some(worked.as_secs_f64());
        self.ended_at = Some(now);
        self.outcome = Some(outcome);
    }

    /// When and how it had ended by this time.
    pub(crate) fn ended_by(&self, time: Timestamp) -> Option<(Timestamp, &Outcome)> {
        self.ended_at.filter(|ended| *ended <= time).zip(self.outcome.as_ref())
    }

    /// Lets go of input, output and log.
    pub(crate) fn forget(&mut self) {
        self.forgotten = true;
        self.input = Arc::default();
        self.logs.clear();
        self.outcome = self.outcome.take().map(Outcome::without_input);
    }
}
