//! The queue host: submit, status, result, cancel, and what their answers have in common.

mod cancel;
mod options;
mod path;
pub(crate) mod result;
mod status;
mod status_stream;
pub(crate) mod submission;
mod submit;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::front::Origin;
use crate::job::Job;
use crate::models::Model;
use crate::queue::path::{RequestPath, View};
use crate::shared::{Shared, SharedState};
use crate::urls::Urls;
use crate::{body, models};

pub(crate) use cancel::cancel;
pub(crate) use options::Options;
pub(crate) use submit::submit;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-fal-request-id");

/// `GET …/requests/{id}`, with or without `/response`, `GET …/requests/{id}/status`, and the same as a stream.
pub(crate) async fn get(
    State(shared): State<SharedState>,
    origin: Origin,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = shared.keys.check(&headers) {
        return stamped(refusal, &fresh_id());
    }
    let Some(asked) = RequestPath::parse(&path) else { return not_found("Not Found") };
    let query = query.as_deref().unwrap_or_default();
    match asked.view {
        View::Status => status::status(&shared, origin.urls(&shared), &asked, query),
        View::StatusStream => status_stream::status_stream(shared, origin, &asked, query),
        View::Result => result::result(&shared, origin.urls(&shared), &asked),
        View::Cancel => answer(StatusCode::METHOD_NOT_ALLOWED, asked.id, &json!({ "detail": "Method Not Allowed" })),
    }
}

/// Looks at a request together with its position, where it is known and belongs to the app in the path.
fn find<T>(shared: &Shared, asked: &RequestPath<'_>, look: impl FnOnce(&'static Model, &Job, usize) -> T) -> Option<T> {
    let found = shared.board.view_with_position(asked.id, |job, position| {
        let model = models::find(&job.endpoint_id).filter(|model| asked.is_of(model))?;
        Some(look(model, job, position))
    });
    found.flatten()
}

/// The request's own URLs: they keep only the owner and the alias of the endpoint.
fn own_urls(urls: &Urls, model: &Model, id: &str) -> Value {
    let response_url = format!("{}/{}/requests/{id}", urls.queue, model.app());
    json!({
        "request_id": id,
        "status_url": format!("{response_url}/status"),
        "cancel_url": format!("{response_url}/cancel"),
        "response_url": response_url,
    })
}

/// An answer with the header that every answer of the queue has.
pub(crate) fn answer(status: StatusCode, request_id: &str, answer: &Value) -> Response {
    stamped(body::json(status, answer), request_id)
}

pub(crate) fn stamped(mut response: Response, request_id: &str) -> Response {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn not_found(detail: &str) -> Response {
    answer(StatusCode::NOT_FOUND, &fresh_id(), &json!({ "detail": detail }))
}

/// The answer for a request id that is not known, or not under this app.
fn unknown_request(asked: &RequestPath<'_>) -> Response {
    answer(StatusCode::NOT_FOUND, asked.id, &json!({ "status": "NOT_FOUND" }))
}

pub(crate) fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}
