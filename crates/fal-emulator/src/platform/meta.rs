//! `GET /v1/meta`: where webhooks come from.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::body;

/// The emulator's own address, in the place of fal's.
pub(super) async fn meta() -> Response {
    body::json(StatusCode::OK, &json!({ "webhook_ip_ranges": ["127.0.0.1/32"] }))
}
