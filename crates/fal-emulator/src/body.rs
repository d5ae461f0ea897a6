//! Bodies of answers and requests: JSON out, bytes in.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

/// The largest body that is taken, in bytes: what fal takes in one part.
const LIMIT: usize = 100 * 1024 * 1024;

/// An answer with a JSON body.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    let json = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, json)], body.to_string()).into_response()
}

/// `{"detail": "…"}`, fal's plain error.
pub(crate) fn detail(status: StatusCode, detail: &str) -> Response {
    json(status, &json!({ "detail": detail }))
}

/// Reads a whole request body, or gives the answer to one that is too large or was cut.
pub(crate) async fn whole(body: Body) -> Result<Bytes, Response> {
    to_bytes(body, LIMIT).await.map_err(|_| detail(StatusCode::PAYLOAD_TOO_LARGE, "The body is cut or above 100 MiB"))
}
