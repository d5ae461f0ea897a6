//! Why a generation failed, as plain data that outlives the process.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What went wrong. Drives exit codes and statistics; the names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureKind {
    /// The request was wrong, and was refused before it was sent.
    InvalidRequest,
    /// The program is not set up rightly.
    Configuration,
    /// fal did not accept the key, or the key may not do this.
    Unauthorized,
    /// The account has no balance.
    ExhaustedBalance,
    /// It does not fit into the budget.
    OverBudget,
    /// Too many requests at once.
    RateLimited,
    /// fal could not be reached; nothing was sent.
    Unreachable,
    /// The connection failed or fal had a fault while something was under way that costs nothing to repeat.
    Interrupted,
    /// The request may have been accepted and the answer was lost.
    Unconfirmed,
    /// fal refused the input.
    Rejected,
    /// The content policy forbids it.
    ContentPolicy,
    /// The model failed.
    GenerationFailed,
    /// fal does not know the request, or keeps its result no longer.
    NotFound,
    /// fal answered something that is not in its protocol.
    UnexpectedAnswer,
    /// The video cannot be stored.
    Storage,
    /// What fal delivered is not a video.
    BadVideo,
    /// The record of the task cannot be kept.
    Record,
    /// It was asked to stop.
    Stopped,
}

impl FailureKind {
    /// A stable name for programs, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Configuration => "configuration",
            Self::Unauthorized => "unauthorized",
            Self::ExhaustedBalance => "exhausted_balance",
            Self::OverBudget => "over_budget",
            Self::RateLimited => "rate_limited",
            Self::Unreachable => "unreachable",
            Self::Interrupted => "interrupted",
            Self::Unconfirmed => "unconfirmed",
            Self::Rejected => "rejected",
            Self::ContentPolicy => "content_policy",
            Self::GenerationFailed => "generation_failed",
            Self::NotFound => "not_found",
            Self::UnexpectedAnswer => "unexpected_answer",
            Self::Storage => "storage",
            Self::BadVideo => "bad_video",
            Self::Record => "record",
            Self::Stopped => "stopped",
        }
    }
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recovery {
    /// The same thing will fail again; something has to be changed first.
    Never,
    /// It may succeed later, and trying costs nothing that was not agreed to.
    Later,
    /// It may have happened: look before doing it again, or pay twice.
    Reconcile,
}

impl Recovery {
    /// A stable name for programs, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Later => "later",
            Self::Reconcile => "reconcile",
        }
    }
}

/// Why a generation failed or stands still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// What went wrong.
    pub kind: FailureKind,
    /// The field of the request that it is about, where there is one.
    pub field: Option<String>,
    /// What happened, in one or more sentences.
    pub message: String,
    /// What to do next, in a sentence.
    pub advice: String,
    /// Whether trying again can help.
    pub recovery: Recovery,
    /// fal's request id, once there is one.
    pub request_id: Option<String>,
}

impl Failure {
    /// A failure without field and request id.
    pub fn new(kind: FailureKind, recovery: Recovery, message: impl Into<String>, advice: impl Into<String>) -> Self {
        let (message, advice) = (message.into(), advice.into());
        Self { kind, field: None, message, advice, recovery, request_id: None }
    }

    /// Names the field of the request that it is about.
    pub fn with_field(mut self, field: Option<String>) -> Self {
        self.field = field;
        self
    }

    /// Says otherwise what happened.
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Adds fal's request id.
    pub fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.request_id = request_id;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
