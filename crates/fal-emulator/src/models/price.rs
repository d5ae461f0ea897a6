//! What one request costs: units, price per unit, amount.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::models::Model;

/// fal counts fractions of a unit to eight decimals.
const UNIT_DECIMALS: u32 = 8;

/// How an endpoint is billed. All money is in US dollars.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tariff {
    /// What the pricing API calls one unit.
    pub(crate) unit: &'static str,
    /// What the pricing API gives as the price of one unit.
    pub(crate) unit_price: Decimal,
    per: Per,
    /// The real prices, one for each combination of settings that matters; they act on the number of units.
    rates: Vec<Rate>,
}

/// What a rate is the price of.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Per {
    Second,
    Video,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    usd: Decimal,
    /// The settings that it is for.
    #[serde(default)]
    when: Map<String, Value>,
}

impl Tariff {
    fn rate<'a>(&self, setting: impl Fn(&str) -> Option<&'a Value>) -> Decimal {
        let row = self.rates.iter().find(|rate| rate.when.iter().all(|(name, value)| setting(name) == Some(value)));
        row.map_or(self.unit_price, |rate| rate.usd)
    }
}

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
    /// The price of an input: so many units as make up its amount.
    pub(crate) fn of(model: &Model, input: &Value) -> Self {
        let tariff = &model.price;
        let quantity = match tariff.per {
            Per::Second => model.seconds(input).into(),
            Per::Video => Decimal::ONE,
        };
        let amount = (tariff.rate(|name| model.setting(input, name)) * quantity).normalize();
        let unit_price = tariff.unit_price;
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
    use crate::models::{all, find};
    use serde_json::json;

    #[test]
    fn every_endpoint_costs_what_fal_says() {
        let cases = published();
        for (endpoint_id, input, units, amount) in &cases {
            let price = Price::of(find(endpoint_id).expect("is in the catalogue"), input);
            let (billed, usd) = (price.billable_units(), price.amount.to_string());
            assert_eq!((billed.as_str(), usd.as_str()), (*units, *amount), "{endpoint_id} {input}");
        }
        for model in all() {
            assert!(cases.iter().any(|case| case.0 == model.endpoint_id), "{} has no case", model.endpoint_id);
        }
    }

    /// Endpoint, input, units, USD.
    fn published() -> Vec<(&'static str, Value, &'static str, &'static str)> {
        vec![
            ("fal-ai/kling-video/v2.1/standard/image-to-video", json!({ "duration": "5" }), "5", "0.28"),
            ("fal-ai/kling-video/v2.1/standard/image-to-video", json!({ "duration": "10" }), "10", "0.56"),
            ("fal-ai/kling-video/v2.1/pro/image-to-video", json!({}), "5", "0.49"),
            ("fal-ai/kling-video/v2.1/master/image-to-video", json!({ "duration": "10" }), "10", "2.8"),
            ("fal-ai/kling-video/v2.5-turbo/standard/image-to-video", json!({}), "5", "0.21"),
            ("fal-ai/kling-video/v2.5-turbo/pro/image-to-video", json!({}), "5", "0.35"),
            ("fal-ai/kling-video/v3/pro/image-to-video", json!({}), "7.50000000", "0.84"),
            ("fal-ai/kling-video/v3/pro/image-to-video", json!({ "generate_audio": false }), "5", "0.56"),
            ("fal-ai/minimax/hailuo-02/standard/image-to-video", json!({}), "6", "0.27"),
            (
                "fal-ai/minimax/hailuo-02/standard/image-to-video",
                json!({ "resolution": "512P" }),
                "2.26666667",
                "0.102",
            ),
            (
                "fal-ai/minimax/hailuo-02/standard/image-to-video",
                json!({ "resolution": "512P", "duration": "10" }),
                "3.77777778",
                "0.17",
            ),
            ("fal-ai/minimax/hailuo-2.3/standard/image-to-video", json!({}), "1", "0.28"),
            ("fal-ai/minimax/hailuo-2.3/standard/image-to-video", json!({ "duration": "10" }), "2", "0.56"),
            ("fal-ai/minimax/hailuo-2.3/pro/image-to-video", json!({}), "1", "0.49"),
            ("fal-ai/veo3.1/image-to-video", json!({}), "8", "3.2"),
            ("fal-ai/veo3.1/image-to-video", json!({ "duration": "4s", "generate_audio": false }), "2", "0.8"),
            ("fal-ai/veo3.1/image-to-video", json!({ "resolution": "4k" }), "12", "4.8"),
            ("fal-ai/veo3.1/fast/image-to-video", json!({}), "8", "1.2"),
            ("fal-ai/veo3.1/first-last-frame-to-video", json!({}), "8", "3.2"),
            ("bytedance/seedance-2.0/image-to-video", json!({ "duration": "15" }), "15", "4.551"),
            (
                "bytedance/seedance-2.0/image-to-video",
                json!({ "duration": "5", "resolution": "1080p" }),
                "11.23928807",
                "3.41",
            ),
            ("fal-ai/sora-2/image-to-video", json!({}), "4", "0.4"),
            ("fal-ai/wan-25-preview/image-to-video", json!({}), "15", "0.75"),
            ("fal-ai/wan/v2.7/image-to-video", json!({ "duration": 4 }), "6", "0.6"),
            ("fal-ai/ltx-2.3/image-to-video/fast", json!({}), "6", "0.36"),
            ("fal-ai/ltx-2.3/image-to-video/fast", json!({ "resolution": "2160p", "duration": 10 }), "40", "2.4"),
            ("fal-ai/luma-dream-machine/ray-2/image-to-video", json!({}), "1", "0.5"),
            ("fal-ai/luma-dream-machine/ray-2/image-to-video", json!({ "resolution": "1080p" }), "4", "2"),
            ("fal-ai/pixverse/v5/image-to-video", json!({}), "1", "0.2"),
            (
                "fal-ai/pixverse/v5/image-to-video",
                json!({ "resolution": "360p", "duration": "8" }),
                "1.50000000",
                "0.3",
            ),
            ("fal-ai/pixverse/v6/image-to-video", json!({}), "5", "0.225"),
            (
                "fal-ai/pixverse/v6/image-to-video",
                json!({ "resolution": "1080p", "generate_audio_switch": true, "duration": 8 }),
                "20.44444444",
                "0.92",
            ),
        ]
    }

    #[test]
    fn each_combination_of_settings_has_one_rate() {
        for model in all() {
            let rates = &model.price.rates;
            let names: Vec<&String> = rates[0].when.keys().collect();
            let mut combinations = vec![Map::new()];
            for name in names {
                let values = values(&model.input_schema()["properties"][name]);
                let with = |known: &Map<String, Value>, value: &Value| {
                    known.clone().into_iter().chain([(name.clone(), value.clone())]).collect()
                };
                combinations =
                    combinations.iter().flat_map(|known| values.iter().map(move |v| with(known, v))).collect();
            }
            let rated: Vec<_> = rates.iter().map(|rate| &rate.when).collect();
            assert_eq!(rated.len(), combinations.len(), "{}", model.endpoint_id);
            assert!(combinations.iter().all(|wanted| rated.contains(&wanted)), "{}", model.endpoint_id);
        }
    }

    fn values(property: &Value) -> Vec<Value> {
        property["enum"].as_array().cloned().unwrap_or_else(|| vec![false.into(), true.into()])
    }
}
