//! What is to happen to a request besides what its input deserves.

use serde::{Deserialize, Serialize};

use crate::faults::Fault;
use crate::outcome::Outcome;
use crate::problem::{self, Location, Problem};

/// Decided once, when the request is accepted. By default it takes its usual course.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Fate {
    /// It stays in progress until it is cancelled.
    pub(crate) never_finishes: bool,
    /// How it ends, whatever its input.
    pub(crate) outcome: Option<Outcome>,
    /// How many runners are lost over it.
    pub(crate) runners_lost: u32,
    /// Its pictures cannot be downloaded any more.
    pub(crate) sources_expired: bool,
    /// How often its webhook is told once more than needed.
    pub(crate) webhook_copies: u32,
    /// Its video has this many seconds, whatever was asked for.
    pub(crate) wrong_length: Option<u32>,
    /// Its webhook gets a message first that somebody else has signed.
    pub(crate) webhook_forged: bool,
}

impl Fate {
    /// What these faults come to. Faults of single exchanges have no say in it.
    pub(crate) fn of(faults: Vec<Fault>) -> Self {
        let mut fate = Self::default();
        for fault in faults {
            match fault {
                Fault::Failed { error_type, status } => {
                    let message = format!("The request failed: {error_type}");
                    fate.outcome = Some(Outcome::Failed { status, message, error_type });
                }
                Fault::ContentPolicy => fate.outcome = Some(content_policy()),
                Fault::SourceExpired => fate.sources_expired = true,
                Fault::NeverFinishing => fate.never_finishes = true,
                Fault::WrongLength { seconds } => fate.wrong_length = Some(seconds),
                Fault::RunnerLost { retries } => fate.runners_lost = retries,
                Fault::DuplicateWebhook => fate.webhook_copies = 1,
                Fault::ForgedWebhook => fate.webhook_forged = true,
                _ => {}
            }
        }
        fate
    }
}

fn content_policy() -> Outcome {
    let message = "The content was flagged by a content checker";
    let problem = Problem::new(
        &Location::default().join("prompt"),
        "content_policy_violation",
        message,
        &serde_json::Value::Null,
    );
    Outcome::Invalid { body: problem::body(&[problem]) }
}
