//! The error envelope of the platform API, which differs from that of the queue.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::body;

/// A request that is answered with `{"error": {"type": …, "message": …}}`.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl Refusal {
    /// 401: no key, or not an accepted one.
    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "authorization_error", "Authentication required")
    }

    /// 400: a parameter or the body is wrong.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "validation_error", message)
    }

    /// 404: there is no such thing.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// 500: the disk failed.
    pub(crate) fn not_saved() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "The change could not be saved")
    }

    /// 501: fal can do this, the emulator cannot.
    pub(super) fn not_implemented(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "not_implemented", message)
    }

    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        body::json(self.status, &json!({ "error": { "type": self.kind, "message": self.message } }))
    }
}
