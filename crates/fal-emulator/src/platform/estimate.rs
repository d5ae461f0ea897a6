//! `POST /v1/models/pricing/estimate`: what a number of calls or units would cost in all.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Number, json};

use crate::body;
use crate::models::{Model, Price};
use crate::platform::access::require_key;
use crate::platform::json_body::json_body;
use crate::platform::parameters::find_model;
use crate::platform::pricing::{CURRENCY, number};
use crate::platform::refusal::Refusal;
use crate::shared::SharedState;

/// What to estimate from, by endpoint id.
#[derive(Deserialize)]
#[serde(tag = "estimate_type", content = "endpoints", rename_all = "snake_case")]
enum Estimate {
    HistoricalApiPrice(BTreeMap<String, Calls>),
    UnitPrice(BTreeMap<String, Units>),
}

#[derive(Deserialize)]
struct Calls {
    call_quantity: NonZeroU32,
}

#[derive(Deserialize)]
struct Units {
    unit_quantity: Number,
}

/// The least number of units that fal takes.
const LEAST_UNITS: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// The sum over all endpoints; a call costs what it does with every setting at its default.
pub(super) async fn estimate(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let asked: Estimate = json_body(body).await?;
    let (estimate_type, total) = match &asked {
        Estimate::HistoricalApiPrice(calls) => ("historical_api_price", sum(calls, of_calls)?),
        Estimate::UnitPrice(units) => ("unit_price", sum(units, of_units)?),
    };
    let answer = json!({ "estimate_type": estimate_type, "total_cost": number(total), "currency": CURRENCY });
    Ok(body::json(StatusCode::OK, &answer))
}

fn sum<T>(
    endpoints: &BTreeMap<String, T>,
    cost: impl Fn(&Model, &T) -> Result<Decimal, Refusal>,
) -> Result<Decimal, Refusal> {
    endpoints.iter().try_fold(Decimal::ZERO, |total, (id, quantity)| {
        total.checked_add(cost(find_model(id)?, quantity)?).ok_or_else(|| Refusal::invalid("The sum is too large"))
    })
}

fn of_calls(model: &Model, calls: &Calls) -> Result<Decimal, Refusal> {
    Ok(Price::of(model, &json!({})).amount * Decimal::from(calls.call_quantity.get()))
}

fn of_units(model: &Model, units: &Units) -> Result<Decimal, Refusal> {
    let text = units.unit_quantity.to_string();
    let quantity = text.parse().or_else(|_| Decimal::from_scientific(&text)).ok();
    let cost =
        quantity.filter(|units| *units >= LEAST_UNITS).and_then(|units| units.checked_mul(model.price.unit_price));
    cost.ok_or_else(|| Refusal::invalid("unit_quantity must be 0.000001 or more"))
}
