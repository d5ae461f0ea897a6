//! What single requests were billed.

use std::cmp::Reverse;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::job::Job;
use crate::models::Price;
use crate::platform::entry::known_until;
use crate::platform::parameters::Parameters;
use crate::platform::period::Period;
use crate::platform::pricing::number;
use crate::platform::refusal::Refusal;
use crate::shared::Shared;

/// One request that cost something, at the time when it ended. What cost nothing has no bill.
pub(super) struct Bill {
    pub(super) request_id: String,
    pub(super) endpoint_id: String,
    pub(super) at: Timestamp,
    pub(super) price: Price,
    pub(super) key_id: Option<String>,
}

/// The bills of a period, newest first, as far as `endpoint_id`, `request_id`, `api_key_id` and `login_username` ask for them.
pub(super) fn bills(shared: &Shared, parameters: &Parameters, period: &Period) -> Result<Vec<Bill>, Refusal> {
    let endpoints = parameters.endpoints("endpoint_id")?;
    let (requests, keys) = (parameters.ids("request_id")?, parameters.ids("api_key_id")?);
    // Every request comes with a key, none by a login.
    if !parameters.ids("login_username")?.is_empty() {
        return Ok(Vec::new());
    }
    let until = known_until(shared);
    let is_asked_for = |job: &Job| {
        (endpoints.is_empty() || endpoints.contains(&job.endpoint_id.as_str()))
            && (requests.is_empty() || requests.contains(&job.id.as_str()))
            && (keys.is_empty() || job.key_id.as_deref().is_some_and(|key| keys.contains(&key)))
    };
    let found =
        shared.board.view_all(|job| Bill::of(job, until).filter(|bill| period.holds(bill.at) && is_asked_for(job)));
    let mut bills: Vec<Bill> = found.into_iter().flatten().collect();
    bills.sort_by_key(|bill| Reverse(bill.at));
    Ok(bills)
}

impl Bill {
    fn of(job: &Job, until: Timestamp) -> Option<Self> {
        let (at, _) = job.ended_by(until).filter(|_| !job.price.amount.is_zero())?;
        Some(Self {
            request_id: job.id.clone(),
            endpoint_id: job.endpoint_id.clone(),
            at,
            price: job.price.clone(),
            key_id: job.key_id.clone(),
        })
    }
}

/// Adds the fields that tell a cost. Here nobody has a discount.
pub(super) fn add_cost(row: &mut Value, amount: Decimal) {
    row["percent_discount"] = Value::Null;
    row["cost_subtotal"] = number(amount);
    row["cost_discount"] = 0.into();
    row["cost_total"] = number(amount);
}
