//! What the storage calls of the platform API have in common: the key, the JSON body, the shape of errors.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::json_object;
use super::refusal::Refusal;
use crate::body;
use crate::shared::Shared;

/// Passes a request with an accepted key.
pub(super) fn authorised(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    let refused = |_| Refusal::platform(StatusCode::UNAUTHORIZED, "authorization_error", "Authentication required");
    shared.keys.check(headers).map_err(refused)
}

pub(super) async fn json_body<T: DeserializeOwned>(body: Body) -> Result<T, Refusal> {
    let bytes = body::whole(body).await.map_err(|_| invalid("The body was cut or is too large"))?;
    json_object::read(&bytes).map_err(|error| invalid(&format!("Invalid body: {error}")))
}

pub(super) fn invalid(message: &str) -> Refusal {
    Refusal::platform(StatusCode::BAD_REQUEST, "validation_error", message)
}

pub(super) fn not_saved() -> Refusal {
    Refusal::platform(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "The change could not be saved")
}
