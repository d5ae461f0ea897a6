//! What is to happen to a request besides what its input deserves.

use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;

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
    /// Its webhook gets a message first that somebody else has signed.
    pub(crate) webhook_forged: bool,
}
