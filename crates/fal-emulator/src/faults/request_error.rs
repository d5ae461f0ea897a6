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
    match (written.get("error_type").and_then(Value::as_str), written.get("status").map(Value::as_u64)) {
        (_, Some(status)) if !status.is_some_and(|status| (400..600).contains(&status)) => {
            Err(InvalidFault::at("status", "it must be between 400 and 599"))
        }
        (Some(error_type), None) => {
            let status = ALL.iter().find(|(known, _)| *known == error_type).map(|(_, status)| *status);
            let unknown = || InvalidFault::unknown("error_type", "error_type", error_type, ALL.iter().map(|(known, _)| *known));
            let status = status.ok_or_else(unknown)?;
            written.insert("status".to_owned(), status.into());
            Ok(())
        }
        _ => Ok(()),
    }
}
