//! The body of a platform call.

use axum::body::Body;
use serde::de::DeserializeOwned;

use crate::platform::refusal::Refusal;
use crate::{body, json_object};

/// Reads a JSON object.
pub(crate) async fn json_body<T: DeserializeOwned>(body: Body) -> Result<T, Refusal> {
    let bytes = body::whole(body).await.map_err(|_| Refusal::invalid("The body was cut or is too large"))?;
    json_object::read(&bytes).map_err(|error| Refusal::invalid(format!("Invalid body: {error}")))
}
