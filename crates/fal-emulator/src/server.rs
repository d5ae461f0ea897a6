//! The table of paths.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};

use crate::shared::SharedState;
use crate::{body, cdn, faults, page, queue, request_log, rest, run, webhook};

pub(crate) fn routes(shared: SharedState) -> Router {
    Router::new()
        .route("/queue/{*path}", get(queue::get).post(queue::submit).put(queue::cancel))
        .route("/run/{*path}", post(run::run))
        .route("/rest/.well-known/jwks.json", get(webhook::jwks))
        .route("/rest/storage/auth/token", post(rest::token))
        .route("/rest/storage/upload/initiate", post(rest::initiate))
        .route("/cdn/files/upload", post(cdn::upload))
        .route("/cdn/files/b/{id}/{name}", get(cdn::download).put(cdn::put))
        .merge(page::routes())
        .merge(faults::routes())
        .fallback(unknown)
        .layer(from_fn_with_state(Arc::clone(&shared), faults::inject::inject))
        .layer(from_fn_with_state(Arc::clone(&shared), request_log::record))
        .with_state(shared)
}

async fn unknown() -> Response {
    body::detail(StatusCode::NOT_FOUND, "Not Found")
}
