//! `POST /{endpoint id}`: a request is accepted, charged, and queued.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::job::Job;
use crate::models::{self, Model, Price};
use crate::queue::{answer, fresh_id, not_found, own_urls, stamped};
use crate::shared::SharedState;
use crate::{body, runner};

/// Accepts any JSON for a known endpoint: faults in the input show in the result, as on fal.
pub(crate) async fn submit(
    State(shared): State<SharedState>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(refusal) = shared.keys.check(&headers) {
        return stamped(refusal, &fresh_id());
    }
    let endpoint_id = path.trim_matches('/');
    let Some(model) = models::find(endpoint_id) else {
        return not_found(&format!("Application '{endpoint_id}' not found"));
    };
    let bytes = match body::whole(body).await {
        Ok(bytes) => bytes,
        Err(refusal) => return stamped(refusal, &fresh_id()),
    };
    match serde_json::from_slice(&bytes) {
        Ok(input) => accept(shared, model, input).await,
        Err(_) => {
            let fault = json!({ "loc": ["body"], "msg": "JSON decode error", "type": "json_invalid" });
            answer(StatusCode::UNPROCESSABLE_ENTITY, &fresh_id(), &json!({ "detail": [fault] }))
        }
    }
}

async fn accept(shared: SharedState, model: &'static Model, input: Value) -> Response {
    let id = fresh_id();
    let price = Price::of(model, &input);
    let mut job = Job::new(id.clone(), model.endpoint_id, input, price);
    job.shown_position = shared.pace.queue_positions().0.first().copied().unwrap_or_default();
    let board = Arc::clone(&shared.board);
    let accepted = tokio::task::spawn_blocking(move || board.accept(job)).await;
    if !matches!(accepted, Ok(Ok(()))) {
        let detail = json!({ "detail": "The request could not be recorded", "error_type": "internal_error" });
        return answer(StatusCode::INTERNAL_SERVER_ERROR, &id, &detail);
    }
    let mut body = own_urls(&shared, model, &id);
    body["status"] = "IN_QUEUE".into();
    body["logs"] = Value::Null;
    body["metrics"] = json!({});
    body["queue_position"] = shared.board.position(&id).into();
    runner::start(&shared, id.clone());
    answer(StatusCode::OK, &id, &body)
}
