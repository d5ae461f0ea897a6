//! What models cost.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::page::List;
use super::{Platform, Query};
use crate::{EndpointId, Error, wire};

/// fal takes so many endpoints in one call.
const ENDPOINTS_PER_CALL: usize = 50;

impl Platform {
    /// What a unit of each of these models costs this account.
    ///
    /// # Errors
    /// Those of every call; fal refuses the whole call for a model that it does not know.
    pub async fn prices(&self, endpoints: &[EndpointId]) -> Result<Vec<Price>, Error> {
        let list = List { path: &["models", "pricing"], name: "prices" };
        let mut prices = Vec::new();
        for some in endpoints.chunks(ENDPOINTS_PER_CALL) {
            let query = Query::default().add_all("endpoint_id", some);
            prices.append(&mut self.all(list, query).try_collect().await?);
        }
        Ok(prices)
    }

    /// What so many calls cost together, going by what such calls have cost this account before.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn estimate_calls(&self, calls: &[(EndpointId, u64)]) -> Result<CostEstimate, Error> {
        let calls = calls.iter().map(|(endpoint, calls)| (endpoint, Decimal::from(*calls)));
        self.estimate("historical_api_price", "call_quantity", calls).await
    }

    /// What so many units cost together: seconds, videos, pictures, whatever each model is billed by.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn estimate_units(&self, units: &[(EndpointId, Decimal)]) -> Result<CostEstimate, Error> {
        let units = units.iter().map(|(endpoint, units)| (endpoint, *units));
        self.estimate("unit_price", "unit_quantity", units).await
    }

    async fn estimate<'a>(
        &self,
        kind: &str,
        measure: &str,
        quantities: impl Iterator<Item = (&'a EndpointId, Decimal)>,
    ) -> Result<CostEstimate, Error> {
        let mut sums = BTreeMap::<_, Decimal>::new();
        for (endpoint, quantity) in quantities {
            let sum = sums.entry(endpoint.as_str()).or_default();
            *sum = sum.saturating_add(quantity);
        }
        // Neither an endpoint id nor a decimal has anything to escape, and this way the number stays exact.
        let entries: Vec<_> =
            sums.iter().map(|(endpoint, sum)| format!(r#""{endpoint}":{{"{measure}":{sum}}}"#)).collect();
        let body = format!(r#"{{"estimate_type":"{kind}","endpoints":{{{}}}}}"#, entries.join(","));
        self.post(&["models", "pricing", "estimate"], body).await
    }
}

/// What a unit of a model costs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Price {
    /// fal's name for the model.
    pub endpoint_id: String,
    /// The price of one unit, in `currency`.
    #[serde(deserialize_with = "wire::decimal::required")]
    pub unit_price: Decimal,
    /// What is counted, for example `second`, `video` or `image`.
    pub unit: String,
    /// ISO 4217, for example `USD`.
    pub currency: String,
}

/// What something will cost, all endpoints together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct CostEstimate {
    /// How fal estimated it.
    pub estimate_type: EstimateType,
    /// The cost, in `currency`.
    #[serde(deserialize_with = "wire::decimal::required")]
    pub total_cost: Decimal,
    /// ISO 4217, for example `USD`.
    pub currency: String,
}

/// How an estimate was made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EstimateType {
    /// From what such calls have cost before.
    HistoricalApiPrice,
    /// From the price of a unit.
    UnitPrice,
    /// A value that this version does not know.
    #[serde(untagged)]
    Other(String),
}
