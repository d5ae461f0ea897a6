//! A request of storage that is turned down, as the rest host and the CDN do it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::body;

/// The answer to a request that is not served.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: Value,
}

impl Refusal {
    /// `{"detail": "…"}`, as the rest host and the CDN say it.
    pub(super) fn detail(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, body: json!({ "detail": detail.into() }) }
    }

    /// The 422 that names the place of the fault: `{"detail": [{"loc", "msg", "type"}]}`.
    pub(super) fn invalid(loc: &[&str], message: &str, kind: &str) -> Self {
        let fault = json!({ "loc": loc, "msg": message, "type": kind });
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, body: json!({ "detail": [fault] }) }
    }

    /// The disk failed; nothing was stored.
    pub(super) fn not_stored() -> Self {
        Self::detail(StatusCode::INTERNAL_SERVER_ERROR, "The file could not be stored; send it again")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        body::json(self.status, &self.body)
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        refusal.into_response()
    }
}
