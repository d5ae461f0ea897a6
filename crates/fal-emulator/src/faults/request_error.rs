//! fal's request errors, those of the infrastructure, and the status that it documents for each.

use serde_json::{Map, Value};

use crate::faults::invalid::InvalidFault;

const ALL: [(&str, u16); 13] = [
    ("request_timeout", 504),
    ("startup_timeout", 504),
    ("runner_scheduling_failure", 503),
    ("runner_connection_timeout", 503),
    ("runner_disconnected", 503),
    ("runner_connection_refused", 503),
    ("runner_connection_error", 503),
    ("runner_incomplete_response", 502),
    ("runner_server_error", 500),
    ("client_disconnected", 499),
    ("client_cancelled", 499),
    ("bad_request", 400),
    ("internal_error", 500),
];

/// Adds the status to a written `error_type` that comes without one. An `error_type` that fal does not have is allowed where
/// the status is named, so that a client can be tested against it.
pub(super) fn complete(written: &mut Map<String, Value>) -> Result<(), InvalidFault> {
    if let Some(status) = written.get("status") {
        let is_error = status.as_u64().is_some_and(|status| (400..600).contains(&status));
        return if is_error { Ok(()) } else { Err(InvalidFault::at("status", "it must be between 400 and 599")) };
    }
    let Some(error_type) = written.get("error_type").and_then(Value::as_str) else { return Ok(()) };
    let Some((_, status)) = ALL.iter().find(|(known, _)| *known == error_type) else {
        let known = ALL.iter().map(|(known, _)| *known);
        return Err(InvalidFault::unknown("error_type", "error_type", error_type, known));
    };
    written.insert("status".to_owned(), (*status).into());
    Ok(())
}
