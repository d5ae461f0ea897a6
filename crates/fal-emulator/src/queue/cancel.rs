//! `PUT …/cancel`: a waiting request is dropped, a running one is asked to stop.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use crate::board::Cancellation;
use crate::models;
use crate::queue::path::{RequestPath, View};
use crate::queue::{answer, fresh_id, not_found, stamped, unknown_request};
use crate::shared::SharedState;

/// 202 where the wish was taken, 400 where it came too late, 404 where the id is unknown.
pub(crate) async fn cancel(
    State(shared): State<SharedState>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = shared.keys.check(&headers) {
        return stamped(refusal, &fresh_id());
    }
    let Some(asked) = RequestPath::parse(&path).filter(|asked| asked.view == View::Cancel) else {
        return not_found("Not Found");
    };
    let of_app = shared.board.view(asked.id, |job| models::find(&job.endpoint_id).is_some_and(|m| asked.is_of(m)));
    if of_app != Some(true) {
        return unknown_request(&asked);
    }
    let (board, id) = (Arc::clone(&shared.board), asked.id.to_owned());
    match tokio::task::spawn_blocking(move || board.cancel(&id)).await {
        Ok(Ok(Cancellation::Requested)) => {
            answer(StatusCode::ACCEPTED, asked.id, &json!({ "status": "CANCELLATION_REQUESTED" }))
        }
        Ok(Ok(Cancellation::TooLate)) => {
            answer(StatusCode::BAD_REQUEST, asked.id, &json!({ "status": "ALREADY_COMPLETED" }))
        }
        Ok(Ok(Cancellation::Unknown)) => unknown_request(&asked),
        _ => {
            let detail = json!({ "detail": "The cancellation could not be recorded", "error_type": "internal_error" });
            answer(StatusCode::INTERNAL_SERVER_ERROR, asked.id, &detail)
        }
    }
}
