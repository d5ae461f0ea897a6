//! `POST /{endpoint id}`: a request is accepted, charged, and queued.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::front::Origin;
use crate::job::Job;
use crate::models::Model;
use crate::queue::{answer, fresh_id, own_urls, stamped, submission};
use crate::runner;
use crate::shared::SharedState;

/// Takes a request in and says where to ask for it.
pub(crate) async fn submit(
    State(shared): State<SharedState>,
    origin: Origin,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let payer = match shared.keys.payer(&headers) {
        Ok(payer) => payer,
        Err(refusal) => return stamped(refusal, &fresh_id()),
    };
    let query = query.unwrap_or_default();
    match submission::read(&shared, payer, origin, path.trim_matches('/'), &query, &headers, body).await {
        Ok((model, job)) => accept(shared, origin, model, job).await,
        Err(refusal) => refusal,
    }
}

async fn accept(shared: SharedState, origin: Origin, model: &'static Model, job: Job) -> Response {
    let waiting = shared.board.waiting(&job.endpoint_id);
    if job.options.max_queue_length.is_some_and(|most| waiting > most) {
        let body = json!({ "detail": format!("{waiting} requests wait for this endpoint already") });
        return answer(StatusCode::TOO_MANY_REQUESTS, &fresh_id(), &body);
    }
    let (id, worker) = (job.id.clone(), Arc::clone(&shared));
    let accepted = shared.on_disk(move || {
        let id = job.id.clone();
        worker.board.accept(job)?;
        // In one step: whatever becomes of the connection, what is accepted is begun.
        runner::start(&worker, &id);
        Ok(())
    });
    if accepted.await.is_err() {
        return submission::not_recorded();
    }
    let mut body = own_urls(origin.urls(&shared), model, &id);
    body["status"] = "IN_QUEUE".into();
    body["logs"] = Value::Null;
    body["metrics"] = json!({});
    body["queue_position"] = shared.board.view_with_position(&id, |_, position| position).unwrap_or_default().into();
    answer(StatusCode::OK, &id, &body)
}
