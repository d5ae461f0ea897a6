//! The table of paths.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::server::Host;
use crate::{events, guard, metrics, price, request, task, video};

/// What every handler is given.
pub(crate) type Shared = Arc<Host>;

pub(crate) fn all(host: Host) -> Router {
    let host = Arc::new(host);
    let api = Router::new()
        .route("/tasks", get(task::list).post(task::create))
        .route("/tasks/{id}", get(task::show).delete(task::cancel))
        .route("/tasks/{id}/video", get(video::download))
        .route("/events", get(events::stream))
        .route("/models", get(price::models))
        .route("/estimates", post(price::estimate))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(request::LARGEST_BODY))
        .layer(from_fn_with_state(Arc::clone(&host), guard::token));
    let metrics = get(metrics::show).layer(from_fn_with_state(Arc::clone(&host), guard::token));
    Router::new()
        .nest("/v1", api)
        .route("/metrics", metrics)
        .route("/healthz", get(health))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(&host), guard::local_names))
        .layer(from_fn(guard::no_sniffing))
        .with_state(host)
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

async fn unknown() -> Problem {
    Problem::unknown_path()
}

async fn wrong_method(method: Method) -> Problem {
    Problem::wrong_method(&method)
}
