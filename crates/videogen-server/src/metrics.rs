//! `GET /metrics`: what was measured, as a text for Prometheus.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::routes::Shared;

/// Prometheus's text format; see its documentation, "Exposition formats".
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(crate) async fn show(State(host): State<Shared>) -> Response {
    match host.videogen.prometheus() {
        Ok(Some(text)) => ([(CONTENT_TYPE, TEXT)], text).into_response(),
        // Whoever embeds the server decides whether anything is measured.
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
