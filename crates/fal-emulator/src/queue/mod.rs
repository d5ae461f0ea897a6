//! The queue host: submit, status, result, cancel, and what their answers have in common.

mod cancel;
mod path;
mod result;
mod status;
mod submit;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::body;
use crate::models::Model;
use crate::queue::path::{RequestPath, View};
use crate::shared::{Shared, SharedState};

pub(crate) use cancel::cancel;
pub(crate) use submit::submit;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-fal-request-id");

/// `GET …/requests/{id}`, with or without `/response`, and `GET …/requests/{id}/status`.
pub(crate) async fn get(
    State(shared): State<SharedState>,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = shared.keys.check(&headers) {
        return stamped(refusal, &fresh_id());
    }
    let Some(asked) = RequestPath::parse(&path) else { return not_found("Not Found") };
    match asked.view {
        View::Status => status::status(&shared, &asked, query.as_deref().unwrap_or_default()),
        View::Result => result::result(&shared, &asked),
        View::Cancel => answer(StatusCode::METHOD_NOT_ALLOWED, asked.id, &json!({ "detail": "Method Not Allowed" })),
    }
}

/// The request's own URLs: they keep only the owner and the alias of the endpoint.
fn own_urls(shared: &Shared, model: &Model, id: &str) -> Value {
    let response_url = format!("{}/{}/requests/{id}", shared.urls.queue, model.app());
    json!({
        "request_id": id,
        "status_url": format!("{response_url}/status"),
        "cancel_url": format!("{response_url}/cancel"),
        "response_url": response_url,
    })
}

/// An answer with the header that every answer of the queue has.
fn answer(status: StatusCode, request_id: &str, answer: &Value) -> Response {
    stamped(body::json(status, answer), request_id)
}

fn stamped(mut response: Response, request_id: &str) -> Response {
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

fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}
