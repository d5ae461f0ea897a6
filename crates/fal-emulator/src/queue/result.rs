//! `GET …/requests/{id}`: the model's own answer, word for word, once the request has completed.

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::job::{Job, Outcome};
use crate::models::{self, Model};
use crate::queue::path::RequestPath;
use crate::queue::{answer, unknown_request};
use crate::shared::Shared;

/// The result, success or failure; 400 before completion.
pub(super) fn result(shared: &Shared, asked: &RequestPath<'_>) -> Response {
    let found = shared.board.view(asked.id, |job| {
        let model = models::find(&job.endpoint_id).filter(|model| asked.is_of(model))?;
        Some((model, job.clone()))
    });
    let Some((model, job)) = found.flatten() else { return unknown_request(asked) };
    let Some(outcome) = &job.outcome else {
        return answer(StatusCode::BAD_REQUEST, &job.id, &json!({ "detail": "Request is still in progress" }));
    };
    let (code, body) = body_of(shared, model, &job, outcome);
    headed(answer(code, &job.id, &body), &job, outcome)
}

fn body_of(shared: &Shared, model: &Model, job: &Job, outcome: &Outcome) -> (StatusCode, Value) {
    match outcome {
        Outcome::Video { file_id } => match shared.files.find(file_id) {
            Some(file) => {
                let video = json!({
                    "url": format!("{}{}", shared.urls.cdn, file.path()),
                    "content_type": file.content_type,
                    "file_name": file.name,
                    "file_size": file.size,
                });
                (StatusCode::OK, model.output(video, &job.input, &job.id))
            }
            None => (StatusCode::INTERNAL_SERVER_ERROR, json!({ "detail": "The video is gone" })),
        },
        Outcome::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, outcome.error_body()),
        // 499, "client closed request", has no name in the standard.
        Outcome::Cancelled => (StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST), outcome.error_body()),
        Outcome::Failed { .. } => (StatusCode::INTERNAL_SERVER_ERROR, outcome.error_body()),
    }
}

fn headed(mut response: Response, job: &Job, outcome: &Outcome) -> Response {
    let headers = response.headers_mut();
    if let Ok(units) = HeaderValue::from_str(&job.price.billable_units()) {
        headers.insert("x-fal-billable-units", units);
    }
    match outcome {
        Outcome::Video { .. } => {}
        Outcome::Invalid { .. } => {
            headers.insert("x-fal-retryable", HeaderValue::from_static("false"));
        }
        Outcome::Cancelled => {
            headers.insert("x-fal-error-type", HeaderValue::from_static("client_cancelled"));
        }
        Outcome::Failed { .. } => {
            headers.insert("x-fal-error-type", HeaderValue::from_static("internal_error"));
        }
    }
    response
}
