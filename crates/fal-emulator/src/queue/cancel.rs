//! `PUT …/cancel`: a waiting request is dropped, a running one is asked to stop.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use crate::board::Cancellation;
use crate::queue::path::{RequestPath, View};
use crate::queue::{answer, find, fresh_id, not_found, stamped, unknown_request};
use crate::runner;
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
    if find(&shared, &asked, |_, _, _| ()).is_none() {
        return unknown_request(&asked);
    }
    match runner::cancel(&shared, asked.id).await {
        Ok(Cancellation::Dropped | Cancellation::Stopping) => {
            answer(StatusCode::ACCEPTED, asked.id, &json!({ "status": "CANCELLATION_REQUESTED" }))
        }
        Ok(Cancellation::TooLate) => {
            answer(StatusCode::BAD_REQUEST, asked.id, &json!({ "status": "ALREADY_COMPLETED" }))
        }
        Ok(Cancellation::Unknown) => unknown_request(&asked),
        Err(_) => {
            let detail = json!({ "detail": "The cancellation could not be recorded", "error_type": "internal_error" });
            answer(StatusCode::INTERNAL_SERVER_ERROR, asked.id, &detail)
        }
    }
}
