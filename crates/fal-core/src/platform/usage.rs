//! What was used and what it cost, added up.

use futures::TryStreamExt;
use futures::stream::BoxStream;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::page::List;
use super::{Bucket, Platform, Query, Timeframe};
use crate::{EndpointId, Error, wire};

const PATH: &[&str] = &["models", "usage"];

/// Which usage is asked for. Default: that of the last 24 h.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageQuery(Query);

impl UsageQuery {
    /// All of the last 24 h.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only from this time on; fal moves it to the beginning of the stretch that it falls into.
    pub fn with_start(self, start: Timestamp) -> Self {
        Self(self.0.set_time("start", start))
    }

    /// Only before this time; fal moves it to the end of the stretch that it falls into.
    pub fn with_end(self, end: Timestamp) -> Self {
        Self(self.0.set_time("end", end))
    }

    /// By stretches of this length. Default: fal chooses by the time asked for.
    pub fn with_timeframe(self, timeframe: Timeframe) -> Self {
        Self(self.0.set("timeframe", timeframe.name()))
    }

    /// Only this model, and those named before; 50 at most.
    pub fn with_endpoint(self, endpoint: &EndpointId) -> Self {
        Self(self.0.add("endpoint_id", endpoint))
    }
}

impl Platform {
    /// Usage by stretches of time, page after page. Needs an admin key.
    pub fn usage(&self, query: UsageQuery) -> BoxStream<'static, Result<Bucket<UsageRecord>, Error>> {
        self.all(List { path: PATH, name: "time_series" }, query.0.set("expand", "time_series"))
    }

    /// Usage over the whole time, a record for each model, unit and discount. Needs an admin key.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn usage_summary(&self, query: UsageQuery) -> Result<Vec<UsageRecord>, Error> {
        self.all(List { path: PATH, name: "summary" }, query.0.set("expand", "summary")).try_collect().await
    }
}

/// What was used of one model, and what it cost.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct UsageRecord {
    /// fal's name for the model.
    pub endpoint_id: String,
    /// What is counted, for example `second`, `video` or `image`.
    pub unit: String,
    /// How many units.
    #[serde(deserialize_with = "wire::decimal::required")]
    pub quantity: Decimal,
    /// The price of a unit before discounts, in `currency`.
    #[serde(deserialize_with = "wire::decimal::required")]
    pub unit_price: Decimal,
    /// The discount in percent: 10 is a tenth.
    #[serde(default, deserialize_with = "wire::decimal::optional")]
    pub percent_discount: Option<Decimal>,
    /// The cost before the discount, in `currency`.
    #[serde(default, deserialize_with = "wire::decimal::optional")]
    pub cost_subtotal: Option<Decimal>,
    /// The discount, in `currency`.
    #[serde(default, deserialize_with = "wire::decimal::optional")]
    pub cost_discount: Option<Decimal>,
    /// What was charged, in `currency`.
    #[serde(deserialize_with = "wire::decimal::required")]
    pub cost_total: Decimal,
    /// ISO 4217, for example `USD`.
    pub currency: String,
}
