//! `GET …/status`: 202 while the request waits or runs, 200 once it has completed.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::job::Job;
use crate::models;
use crate::queue::path::RequestPath;
use crate::queue::{answer, own_urls, unknown_request};
use crate::shared::Shared;

/// The status, with logs where the query asks for them.
pub(super) fn status(shared: &Shared, asked: &RequestPath<'_>, query: &str) -> Response {
    let position = shared.board.position(asked.id);
    let looked = shared.board.view(asked.id, |job| {
        let model = models::find(&job.endpoint_id).filter(|model| asked.is_of(model))?;
        Some(describe(own_urls(shared, model, &job.id), job, position, wants_logs(query)))
    });
    match looked.flatten() {
        Some((code, body)) => answer(code, asked.id, &body),
        None => unknown_request(asked),
    }
}

fn describe(mut body: Value, job: &Job, position: u64, with_logs: bool) -> (StatusCode, Value) {
    if job.is_queued() {
        body["status"] = "IN_QUEUE".into();
        body["queue_position"] = position.into();
        return (StatusCode::ACCEPTED, body);
    }
    body["logs"] = if with_logs { json!(job.logs) } else { Value::Null };
    let Some(outcome) = &job.outcome else {
        body["status"] = "IN_PROGRESS".into();
        return (StatusCode::ACCEPTED, body);
    };
    body["status"] = "COMPLETED".into();
    body["metrics"] = json!({ "inference_time": job.inference_time });
    if let Some((error, error_type)) = outcome.error() {
        body["error"] = error.into();
        body["error_type"] = error_type.into();
    }
    (StatusCode::OK, body)
}

/// One official client sends 0 or 1, the other true or false.
fn wants_logs(query: &str) -> bool {
    query.split('&').any(|pair| matches!(pair, "logs=1" | "logs=true" | "logs=True"))
}
