//! `GET /v1/models/usage`: what was billed, added up by endpoint.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::platform::access::require_key;
use crate::platform::auth_method;
use crate::platform::bill::{Bill, add_cost, bills};
use crate::platform::parameters::Parameters;
use crate::platform::pricing::{CURRENCY, number};
use crate::platform::refusal::Refusal;
use crate::platform::series::{self, Series};
use crate::shared::SharedState;
use crate::{body, models};

/// Each request is counted when it ended.
pub(super) async fn usage(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let mut expansions = parameters.among("expand", &[series::EXPANSIONS, auth_method::EXPANSIONS].concat())?;
    if expansions.is_empty() {
        expansions.push("time_series");
    }
    let series = Series::read(&parameters, &expansions, shared.clock.now())?;
    let bills = bills(&shared, &parameters, &series.period)?.into_iter().map(|bill| (bill.at, bill));
    let answer = series.answer(&bills.collect::<Vec<_>>(), |bills| rows(bills, &expansions));
    Ok(body::json(StatusCode::OK, &answer))
}

/// One row for each endpoint and unit price, and for each key where the answer tells of keys.
fn rows(bills: &[&Bill], expansions: &[&str]) -> Vec<Value> {
    let by_key = auth_method::EXPANSIONS.iter().any(|name| expansions.contains(name));
    let mut sums = BTreeMap::<_, (Decimal, Decimal)>::new();
    for bill in bills {
        let key_id = bill.key_id.as_deref().filter(|_| by_key);
        let (units, amount) = sums.entry((bill.endpoint_id.as_str(), bill.price.unit_price, key_id)).or_default();
        *units += bill.price.units;
        *amount += bill.price.amount;
    }
    let row = |((endpoint_id, unit_price, key_id), (units, amount)): ((&str, _, Option<&str>), _)| {
        let mut row = json!({
            "endpoint_id": endpoint_id,
            "unit": models::find(endpoint_id).map(|model| model.price.unit),
            "quantity": number(units),
            "unit_price": number(unit_price),
            "cost": number(amount),
            "currency": CURRENCY,
        });
        add_cost(&mut row, amount);
        auth_method::add(&mut row, expansions, key_id);
        row
    };
    sums.into_iter().map(row).collect()
}
