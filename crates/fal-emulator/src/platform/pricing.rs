//! `GET /v1/models/pricing`: the price of one unit of each endpoint.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::body;
use crate::models::Model;
use crate::platform::access::require_key;
use crate::platform::page::Page;
use crate::platform::parameters::{Parameters, find_models};
use crate::platform::refusal::Refusal;
use crate::shared::SharedState;

pub(super) const CURRENCY: &str = "USD";

/// The prices, in the order of the ids, which may come repeated or separated by commas.
pub(super) async fn prices(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let models = find_models(&parameters.ids("endpoint_id")?)?;
    Ok(body::json(StatusCode::OK, &Page::WHOLE.envelope("prices", &models, |model| price(model))))
}

fn price(model: &Model) -> Value {
    json!({
        "endpoint_id": model.endpoint_id,
        "unit_price": number(model.price.unit_price),
        "unit": model.price.unit,
        "currency": CURRENCY,
    })
}

/// A decimal as a JSON number with the same digits.
pub(super) fn number(decimal: Decimal) -> Value {
    // Every decimal is written as JSON writes numbers.
    serde_json::from_str(&decimal.normalize().to_string()).unwrap_or_default()
}
