//! The table of paths.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};

use crate::shared::SharedState;
use crate::{body, cors, faults, page, platform, queue, request_log, run, site, storage, webhook};

pub(crate) fn routes(shared: SharedState) -> Router {
    Router::new()
        .route("/queue/{*path}", get(queue::get).post(queue::submit).put(queue::cancel))
        .route("/run/{*path}", post(run::run))
        .route("/rest/.well-known/jwks.json", get(webhook::jwks))
        .route("/rest/tokens", post(run::token))
        .route("/rest/tokens/", post(run::token))
        .merge(storage::routes())
        .merge(page::routes())
        .merge(faults::routes())
        .nest("/platform", platform::routes())
        .route("/site/api/openapi/queue/openapi.json", get(site::openapi))
        .fallback(unknown)
        .layer(from_fn_with_state(Arc::clone(&shared), faults::inject::inject))
        .layer(from_fn(cors::allow))
        .layer(from_fn_with_state(Arc::clone(&shared), request_log::record))
        .with_state(shared)
}

async fn unknown() -> Response {
    body::detail(StatusCode::NOT_FOUND, "Not Found")
}
