//! The answers to submit and status.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::{ErrorType, LogEntry, QueueStatus, RequestFailure};

/// The answer to a submit. Only the id is relied on: everything else can be built from it.
#[derive(Deserialize)]
pub(crate) struct Submitted {
    pub(crate) request_id: String,
    pub(crate) status_url: Option<String>,
    pub(crate) response_url: Option<String>,
    pub(crate) cancel_url: Option<String>,
}

/// The answer to a status read.
#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    InQueue { queue_position: Option<u64> },
    InProgress { logs: Option<Vec<Log>> },
    Completed { logs: Option<Vec<Log>>, error: Option<Value>, error_type: Option<String>, metrics: Option<Value> },
}

#[derive(Deserialize)]
pub(crate) struct Log {
    message: String,
    timestamp: Option<String>,
    level: Option<String>,
}

impl From<Status> for QueueStatus {
    fn from(status: Status) -> Self {
        let entries = |logs: Option<Vec<Log>>| logs.unwrap_or_default().into_iter().map(LogEntry::from).collect();
        match status {
            Status::InQueue { queue_position } => Self::InQueue { position: queue_position },
            Status::InProgress { logs } => Self::InProgress { logs: entries(logs) },
            Status::Completed { logs, error, error_type, metrics } => Self::Completed {
                logs: entries(logs),
                error: failure(error, error_type),
                inference_time: metrics.as_ref().and_then(inference_time),
            },
        }
    }
}

impl From<Log> for LogEntry {
    fn from(Log { message, timestamp, level }: Log) -> Self {
        Self { message, timestamp, level }
    }
}

fn failure(error: Option<Value>, error_type: Option<String>) -> Option<RequestFailure> {
    let message = match error {
        Some(Value::String(text)) => Some(text),
        Some(Value::Null) | None => None,
        Some(other) => Some(other.to_string()),
    };
    let message = message.or_else(|| error_type.clone())?;
    Some(RequestFailure { message, error_type: error_type.as_deref().map(ErrorType::from) })
}

/// Legacy applications have no metrics, and some others than these.
fn inference_time(metrics: &Value) -> Option<Duration> {
    Duration::try_from_secs_f64(metrics.get("inference_time")?.as_f64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> QueueStatus {
        serde_json::from_str::<Status>(json).unwrap().into()
    }

    #[test]
    fn the_three_statuses_are_read_as_fal_writes_them() {
        let queued = r#"{"status":"IN_QUEUE","request_id":"r","queue_position":2,"status_url":"u"}"#;
        assert_eq!(read(queued), QueueStatus::InQueue { position: Some(2) });
        assert_eq!(read(r#"{"status":"IN_PROGRESS","logs":null}"#), QueueStatus::InProgress { logs: vec![] });
        let done = r#"{"status":"COMPLETED","error":"Invalid status code: 422","error_type":"x",
            "metrics":{"inference_time":126.7},
            "logs":[{"timestamp":"2024-12-20T15:37:17.120314","message":"50%","labels":{}}]}"#;
        let log = LogEntry {
            message: "50%".to_owned(),
            timestamp: Some("2024-12-20T15:37:17.120314".to_owned()),
            level: None,
        };
        let error = RequestFailure { message: "Invalid status code: 422".to_owned(), error_type: Some("x".into()) };
        let inference_time = Some(Duration::from_secs_f64(126.7));
        assert_eq!(read(done), QueueStatus::Completed { logs: vec![log], error: Some(error), inference_time });
    }

    #[test]
    fn a_failure_is_seen_whatever_its_form() {
        let failure = |fields: &str| match read(&format!(r#"{{"status":"COMPLETED",{fields}}}"#)) {
            QueueStatus::Completed { error, .. } => error.map(|failure| (failure.message, failure.error_type)),
            _ => None,
        };
        assert_eq!(failure(r#""error":null,"error_type":null"#), None);
        assert_eq!(failure(r#""error":{"a":1}"#), Some((r#"{"a":1}"#.to_owned(), None)));
        assert_eq!(failure(r#""error_type":"lost""#), Some(("lost".to_owned(), Some("lost".into()))));
    }

    #[test]
    fn a_time_that_makes_no_sense_is_unknown() {
        for metrics in
            ["null", "{}", r#"{"inference_time":null}"#, r#"{"inference_time":-1}"#, r#"{"inference_time":1e300}"#, "7"]
        {
            assert_eq!(read(&format!(r#"{{"status":"COMPLETED","metrics":{metrics}}}"#)), QueueStatus::completed());
        }
    }

    #[test]
    fn a_status_that_fal_does_not_have_is_an_error() {
        for json in [r#"{"status":"NOT_FOUND"}"#, r#"{"status":1}"#, "{}", "[]"] {
            assert!(serde_json::from_str::<Status>(json).is_err(), "{json}");
        }
    }
}
