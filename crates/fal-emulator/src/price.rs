//! What one request costs: units, price per unit, amount.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::Model;

/// fal counts fractions of a unit to eight decimals.
const UNIT_DECIMALS: u32 = 8;

/// A price. The amount is exact; the units are rounded as fal prints them, so that units × price may be off by a hair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Price {
    pub(crate) units: Decimal,
    /// USD.
    pub(crate) unit_price: Decimal,
    /// USD.
    pub(crate) amount: Decimal,
}

impl Price {
    /// The price of an input: seconds at the unit price, or so many units as make up a special rate.
    pub(crate) fn of(model: &Model, input: &Value) -> Self {
        let amount = (model.rate(input) * Decimal::from(model.seconds(input))).normalize();
        let unit_price = model.unit_price();
        let units = amount.checked_div(unit_price).unwrap_or_default().round_dp(UNIT_DECIMALS).normalize();
        Self { units, unit_price, amount }
    }

    /// The same price where nothing was made.
    pub(crate) fn nothing(&self) -> Self {
        Self { units: Decimal::ZERO, unit_price: self.unit_price, amount: Decimal::ZERO }
    }

    /// The value of `x-fal-billable-units`: whole units without decimals, others with eight.
    pub(crate) fn billable_units(&self) -> String {
        if self.units.is_integer() { self.units.normalize().to_string() } else { format!("{:.8}", self.units) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find;
    use serde_json::json;

    fn price(endpoint_id: &str, input: &Value) -> (String, String) {
        let price = Price::of(find(endpoint_id).expect("is in the catalogue"), input);
        (price.billable_units(), price.amount.to_string())
    }

    #[test]
    fn every_endpoint_costs_what_fal_says() {
        let kling = |tier: &str, duration: &str| {
            price(&format!("fal-ai/kling-video/v2.1/{tier}/image-to-video"), &json!({ "duration": duration }))
        };
        assert_eq!(kling("standard", "5"), ("5".into(), "0.28".into()));
        assert_eq!(kling("standard", "10"), ("10".into(), "0.56".into()));
        assert_eq!(kling("pro", "5"), ("5".into(), "0.49".into()));
        assert_eq!(kling("master", "10"), ("10".into(), "2.8".into()));
        let hailuo = |input: &Value| price("fal-ai/minimax/hailuo-02/standard/image-to-video", input);
        assert_eq!(hailuo(&json!({})), ("6".into(), "0.27".into()));
        assert_eq!(hailuo(&json!({ "resolution": "512P" })), ("2.26666667".into(), "0.102".into()));
        assert_eq!(hailuo(&json!({ "resolution": "512P", "duration": "10" })), ("3.77777778".into(), "0.17".into()));
    }
}
