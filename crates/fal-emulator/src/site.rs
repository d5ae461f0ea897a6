//! The part of fal.ai that serves the OpenAPI document of each endpoint.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::{body, models};

#[derive(Deserialize)]
pub(crate) struct Asked {
    endpoint_id: Option<String>,
}

/// `GET /api/openapi/queue/openapi.json?endpoint_id=…`, without credentials.
pub(crate) async fn openapi(Query(asked): Query<Asked>) -> Response {
    match asked.endpoint_id.as_deref().and_then(models::find) {
        Some(model) => body::json(StatusCode::OK, &model.openapi()),
        None => body::detail(StatusCode::NOT_FOUND, "Not Found"),
    }
}
