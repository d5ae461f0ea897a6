//! A request as the history shows it.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::job::Job;
use crate::payload_life;
use crate::queue::result;
use crate::shared::Shared;
use crate::urls::Urls;

/// One request that a runner has taken: fal's entries have a `started_at`, which a request in the queue does not have.
pub(super) struct Entry {
    pub(super) request_id: String,
    pub(super) endpoint_id: String,
    pub(super) sent_at: Timestamp,
    started_at: Timestamp,
    pub(super) end: Option<End>,
}

/// How and when a request ended.
pub(super) struct End {
    pub(super) at: Timestamp,
    pub(super) status: u16,
    /// From the start on.
    pub(super) duration: SignedDuration,
}

/// The time up to which the history knows everything.
pub(super) fn known_until(shared: &Shared) -> Timestamp {
    shared.clock.now().checked_sub(shared.settings.history_lag).unwrap_or(Timestamp::MIN)
}

/// The word for a kind of HTTP status.
pub(super) fn class(status: u16) -> &'static str {
    match status {
        ..400 => "success",
        400..500 => "user_error",
        500.. => "error",
    }
}

impl Entry {
    /// The entry as it stood at this time, if there was one.
    pub(super) fn of(job: &Job, until: Timestamp) -> Option<Self> {
        let started_at = job.started_at.filter(|start| *start <= until)?;
        let end = |(at, status)| End { at, status, duration: at.duration_since(started_at) };
        Some(Self {
            request_id: job.id.clone(),
            endpoint_id: job.endpoint_id.clone(),
            sent_at: job.accepted_at,
            started_at,
            end: job.ended_by(until).map(|(at, outcome)| end((at, outcome.status()))),
        })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "request_id": self.request_id,
            "endpoint_id": self.endpoint_id,
            "sent_at": written(self.sent_at),
            "started_at": written(self.started_at),
            "ended_at": self.end.as_ref().map(|end| written(end.at)),
            "status_code": self.end.as_ref().map(|end| end.status),
            "duration": self.end.as_ref().map(|end| end.duration.as_secs_f64()),
        })
    }

    /// The same with input and output, as far as these are known.
    pub(super) fn with_payloads(&self, shared: &Shared, urls: &Urls) -> Value {
        let mut entry = self.to_json();
        shared.board.view(&self.request_id, |job| {
            if has_payloads(shared, job) {
                entry["json_input"] = Value::clone(&job.input);
                if let (Some(_), Some(outcome)) = (&self.end, &job.outcome) {
                    entry["json_output"] = result::output(shared, urls, job, outcome);
                }
            }
        });
        entry
    }
}

/// Whether the history knows input and output.
pub(super) fn has_payloads(shared: &Shared, job: &Job) -> bool {
    !job.forgotten && !job.options.discard_payloads && !payload_life::is_over(job, &shared.clock)
}

/// A time as fal writes it, to the microsecond.
pub(super) fn written(time: Timestamp) -> String {
    format!("{time:.6}")
}
