//! `GET …/status`: 202 while the request waits or runs, 200 once it has completed.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::job::Job;
use crate::queue::path::RequestPath;
use crate::queue::{answer, find, own_urls, unknown_request};
use crate::shared::Shared;
use crate::urls::Urls;

/// The status, with logs where the query asks for them.
pub(super) fn status(shared: &Shared, urls: &Urls, asked: &RequestPath<'_>, query: &str) -> Response {
    let logs_from = wants_logs(query).then_some(0);
    let described =
        find(shared, asked, |model, job, position| describe(own_urls(urls, model, &job.id), job, position, logs_from));
    match described {
        Some(body) => answer(code(&body), asked.id, &body),
        None => unknown_request(asked),
    }
}

fn code(body: &Value) -> StatusCode {
    if body["status"] == "COMPLETED" { StatusCode::OK } else { StatusCode::ACCEPTED }
}

/// The body of a status; the logs begin with the given line, or are left out.
pub(super) fn describe(mut body: Value, job: &Job, position: usize, logs_from: Option<usize>) -> Value {
    if job.is_queued() {
        body["status"] = "IN_QUEUE".into();
        body["queue_position"] = position.into();
        return body;
    }
    body["logs"] = logs_from.map_or(Value::Null, |from| json!(job.logs.get(from..).unwrap_or_default()));
    let Some(outcome) = &job.outcome else {
        body["status"] = "IN_PROGRESS".into();
        return body;
    };
    body["status"] = "COMPLETED".into();
    body["metrics"] = json!({ "inference_time": job.inference_time });
    if let Some((error, error_type)) = outcome.error() {
        body["error"] = error.into();
        body["error_type"] = error_type.into();
    }
    body
}

/// One official client sends 0 or 1, the other true or false.
pub(super) fn wants_logs(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "logs" && (value == "1" || value.eq_ignore_ascii_case("true")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_asked_for_in_every_spelling_of_the_clients() {
        for yes in ["logs=1", "logs=true", "logs=True", "a=b&logs=1", "logs=%31"] {
            assert!(wants_logs(yes), "{yes}");
        }
        for no in ["", "logs", "logs=0", "logs=false", "xlogs=1", "logs=2"] {
            assert!(!wants_logs(no), "{no}");
        }
    }
}
