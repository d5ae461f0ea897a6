//! `GET …/requests/{id}`: the model's own answer, word for word, once the request has completed.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::job::Job;
use crate::models;
use crate::outcome::Outcome;
use crate::queue::path::RequestPath;
use crate::queue::{answer, find, unknown_request};
use crate::shared::Shared;
use crate::urls::Urls;

/// The result, success or failure; 400 before completion, 404 when it is no longer kept.
pub(super) fn result(shared: &Shared, urls: &Urls, asked: &RequestPath<'_>) -> Response {
    let answered = find(shared, asked, |_, job, _| match &job.outcome {
        None => answer(StatusCode::BAD_REQUEST, &job.id, &json!({ "detail": "Request is still in progress" })),
        Some(_) if is_forgotten(shared, urls, job) => unknown_request(asked),
        Some(_) => of(shared, urls, job),
    });
    answered.unwrap_or_else(|| unknown_request(asked))
}

/// The answer of a completed request, as the queue and a direct call both give it.
pub(crate) fn of(shared: &Shared, urls: &Urls, job: &Job) -> Response {
    let Some(outcome) = &job.outcome else {
        return answer(StatusCode::INTERNAL_SERVER_ERROR, &job.id, &json!({ "detail": "The request has not ended" }));
    };
    let code = StatusCode::from_u16(outcome.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = answer(code, &job.id, &output(shared, urls, job, outcome));
    add_headers(&mut response, job, outcome);
    response
}

/// What the model answered: the video, or what was wrong.
pub(crate) fn output(shared: &Shared, urls: &Urls, job: &Job, outcome: &Outcome) -> Value {
    let Outcome::Video { file_id } = outcome else { return outcome.error_body() };
    let video = match shared.files.find(file_id) {
        Some(file) => json!({
            "url": format!("{}{}", urls.cdn, file.path()),
            "content_type": file.content_type,
            "file_name": file.name,
            "file_size": file.size,
        }),
        // An expired video has no record any more, and its address leads nowhere, as on fal.
        None => json!({ "url": format!("{}/files/b/{file_id}/output.mp4", urls.cdn) }),
    };
    match models::find(&job.endpoint_id) {
        Some(model) => model.output(video, &job.input, &job.id),
        None => json!({ "video": video }),
    }
}

/// fal keeps a result for an hour, a large one for a tenth of that, and none whose payloads were deleted.
fn is_forgotten(shared: &Shared, urls: &Urls, job: &Job) -> bool {
    if job.forgotten {
        return true;
    }
    let (Some(outcome), Some(ended)) = (&job.outcome, job.ended_at) else { return false };
    let life = |bytes| shared.settings.retention.life(bytes);
    shared.clock.has_passed(life(usize::MAX), ended)
        && shared.clock.has_passed(life(output(shared, urls, job, outcome).to_string().len()), ended)
}

fn add_headers(response: &mut Response, job: &Job, outcome: &Outcome) {
    let mut add = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    };
    add("x-fal-billable-units", &job.price.billable_units());
    match outcome {
        Outcome::Video { .. } => {}
        Outcome::Invalid { .. } => add("x-fal-retryable", "false"),
        Outcome::Cancelled => add("x-fal-error-type", "client_cancelled"),
        Outcome::NotStarted => {
            add("x-fal-error-type", "request_timeout");
            add("x-fal-request-timeout-type", "user");
        }
        Outcome::Failed { error_type, .. } => add("x-fal-error-type", error_type),
    }
}
