//! `GET /v1/account/billing`: whose account it is, and what is left on it.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use crate::platform::access::require_key;
use crate::platform::parameters::Parameters;
use crate::platform::pricing::{CURRENCY, number};
use crate::platform::refusal::Refusal;
use crate::shared::SharedState;
use crate::{balance, body};

pub(super) async fn billing(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let mut answer = json!({ "username": "emulator" });
    if !parameters.among("expand", &["credits"])?.is_empty() {
        answer["credits"] = json!({ "current_balance": number(balance::left(&shared)), "currency": CURRENCY });
    }
    Ok(body::json(StatusCode::OK, &answer))
}
