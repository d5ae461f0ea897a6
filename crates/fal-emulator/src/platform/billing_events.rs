//! `GET /v1/models/billing-events`: what each request was billed.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::body;
use crate::platform::access::require_key;
use crate::platform::auth_method;
use crate::platform::bill::{Bill, add_cost, bills};
use crate::platform::entry::written;
use crate::platform::page::Page;
use crate::platform::parameters::Parameters;
use crate::platform::period::{DAY, NINETY_DAYS, Period};
use crate::platform::pricing::number;
use crate::platform::refusal::Refusal;
use crate::shared::SharedState;

const LARGEST_PAGE: usize = 10_000;

const NANO_USD: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// The newest first.
pub(super) async fn list(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let page = Page::read(&parameters, LARGEST_PAGE)?;
    let expansions = parameters.among("expand", &auth_method::EXPANSIONS)?;
    let now = shared.clock.now();
    let period = Period::read(&parameters, now, DAY)?;
    if period.length(now) > NINETY_DAYS {
        return Err(Refusal::invalid("start and end may be 90 days apart at most"));
    }
    let bills = bills(&shared, &parameters, &period)?;
    let answer = page.envelope("billing_events", &bills, |bill| event(bill, &expansions));
    Ok(body::json(StatusCode::OK, &answer))
}

fn event(bill: &Bill, expansions: &[&str]) -> Value {
    let mut event = json!({
        "request_id": bill.request_id,
        "endpoint_id": bill.endpoint_id,
        "timestamp": written(bill.at),
        "output_units": number(bill.price.units),
        "unit_price": number(bill.price.unit_price),
        "cost_estimate_nano_usd": number(bill.price.amount * NANO_USD),
    });
    add_cost(&mut event, bill.price.amount);
    auth_method::add(&mut event, expansions, bill.key_id.as_deref());
    event
}
