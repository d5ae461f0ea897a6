//! The answers to submit and status.

use serde::Deserialize;

use crate::{LogEntry, QueueStatus};

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
    Completed { logs: Option<Vec<Log>>, error: Option<serde_json::Value> },
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
            Status::Completed { logs, error } => Self::Completed { logs: entries(logs), error: error.and_then(text) },
        }
    }
}

impl From<Log> for LogEntry {
    fn from(Log { message, timestamp, level }: Log) -> Self {
        Self { message, timestamp, level }
    }
}

fn text(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
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
        let done = r#"{"status":"COMPLETED","error":"Invalid status code: 422","error_type":"x","metrics":{},
            "logs":[{"timestamp":"2024-12-20T15:37:17.120314","message":"50%","labels":{}}]}"#;
        let log = LogEntry {
            message: "50%".to_owned(),
            timestamp: Some("2024-12-20T15:37:17.120314".to_owned()),
            level: None,
        };
        let error = Some("Invalid status code: 422".to_owned());
        assert_eq!(read(done), QueueStatus::Completed { logs: vec![log], error });
    }

    #[test]
    fn a_status_that_fal_does_not_have_is_an_error() {
        for json in [r#"{"status":"NOT_FOUND"}"#, r#"{"status":1}"#, "{}", "[]"] {
            assert!(serde_json::from_str::<Status>(json).is_err(), "{json}");
        }
    }
}
