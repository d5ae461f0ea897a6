//! What past requests cost.

use futures::stream::BoxStream;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::page::List;
use super::{Platform, Query};
use crate::{EndpointId, Error, wire};

/// Which billing events are asked for. Default: those of the last 24 h.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BillingQuery(Query);

impl BillingQuery {
    /// All of the last 24 h.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only from this time on, 90 days before the end at most.
    pub fn with_start(self, start: Timestamp) -> Self {
        Self(self.0.set_time("start", start))
    }

    /// Only before this time.
    pub fn with_end(self, end: Timestamp) -> Self {
        Self(self.0.set_time("end", end))
    }

    /// Only this model, and those named before; 50 at most.
    pub fn with_endpoint(self, endpoint: &EndpointId) -> Self {
        Self(self.0.add("endpoint_id", endpoint))
    }

    /// Only this request, and those named before; 50 at most.
    pub fn with_request(self, request_id: &str) -> Self {
        Self(self.0.add("request_id", request_id))
    }

    /// With what authorised each.
    pub fn with_auth_method(self) -> Self {
        Self(self.0.set("expand", "auth_method"))
    }

    /// So many events to a page: 10,000 at most. Default: as many as fal likes.
    pub fn with_page_size(self, events: u32) -> Self {
        Self(self.0.set("limit", events))
    }
}

impl Platform {
    /// What past requests cost, page after page. Needs an admin key.
    pub fn billing_events(&self, query: BillingQuery) -> BoxStream<'static, Result<BillingEvent, Error>> {
        self.all(List { path: &["models", "billing-events"], name: "billing_events" }, query.0)
    }
}

/// What one request cost, in USD.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct BillingEvent {
    /// fal's request id.
    pub request_id: String,
    /// The model.
    pub endpoint_id: String,
    /// When it was requested.
    #[serde(deserialize_with = "wire::time::required")]
    pub timestamp: Timestamp,
    /// How many units were billed.
    #[serde(default, deserialize_with = "wire::decimal::optional")]
    pub output_units: Option<Decimal>,
    /// The price of a unit, in USD.
    #[serde(default, deserialize_with = "wire::decimal::optional")]
    pub unit_price: Option<Decimal>,
    /// The discount in percent: 10 is a tenth.
    #[serde(default, deserialize_with = "wire::decimal::optional")]
    pub percent_discount: Option<Decimal>,
    /// The cost before the discount, in USD.
    #[serde(default, deserialize_with = "wire::decimal::optional")]
    pub cost_subtotal: Option<Decimal>,
    /// The discount, in USD.
    #[serde(default, deserialize_with = "wire::decimal::optional")]
    pub cost_discount: Option<Decimal>,
    /// What was charged, in USD.
    #[serde(deserialize_with = "wire::decimal::required")]
    pub cost_total: Decimal,
    /// The same in billionths of a USD.
    #[serde(default, deserialize_with = "wire::decimal::optional")]
    pub cost_estimate_nano_usd: Option<Decimal>,
    /// What authorised it, when that was asked for.
    pub auth_method: Option<String>,
}
