//! Descriptions that make no sense are refused when they are registered, not when a video is paid for.

use std::collections::HashSet;

use rust_decimal::Decimal;
use serde_json::Value;

use super::pricing::{Condition, Rate};
use super::{ModelSpec, ParameterRole, ParameterSpec, Pricing};
use crate::Usd;

/// The greatest price of a second or a video that is believed, in USD; it keeps all sums far from overflow.
const GREATEST_PRICE: u32 = 1_000_000;
/// The greatest factor that is believed.
const GREATEST_FACTOR: u32 = 1_000;
/// The greatest side of a video that is believed, in pixels, and the most frames of a second.
const GREATEST_FRAME: u32 = 32_768;

impl ModelSpec {
    /// Everything about the description that makes no sense, each in one clause. Empty: it makes sense.
    pub fn nonsense(&self) -> Vec<String> {
        let mut found = Vec::new();
        if [&self.id, &self.endpoint_id, &self.display_name].iter().any(|name| name.trim().is_empty()) {
            found.push("id, endpoint_id and display_name must not be empty".to_owned());
        }
        if self.image_spec().is_none() {
            found.push("no parameter has the role start_image or reference_images".to_owned());
        }
        found.extend(self.repeated());
        found.extend(self.parameters.iter().flat_map(ParameterSpec::nonsense));
        found.extend(self.instead.values().filter_map(|name| self.unknown("instead", name)));
        found.extend(self.frames_nonsense());
        let conditions = self.conflicts.iter().flat_map(|conflict| conflict.when.iter());
        found.extend(conditions.filter_map(|(name, condition)| self.impossible("a conflict", name, condition)));
        found.extend(self.pricing.iter().flat_map(|pricing| self.pricing_nonsense(pricing)));
        found
    }

    fn repeated(&self) -> Option<String> {
        let (mut names, mut roles) = (HashSet::new(), HashSet::new());
        let twice = self.parameters.iter().find(|parameter| !names.insert(&parameter.name));
        // A model may have several switches for its camera, and one for each kind of reference.
        let many = [ParameterRole::Camera, ParameterRole::ReferenceImages];
        let role = || {
            let once =
                self.parameters.iter().filter_map(|parameter| parameter.role).filter(|role| !many.contains(role));
            once.into_iter().find(|role| !roles.insert(*role))
        };
        twice.map(|parameter| format!("parameter {} is there twice", parameter.name)).or_else(|| {
            let mut role = role;
            role().map(|role| format!("two parameters have the role {role:?}"))
        })
    }

    fn unknown(&self, place: &str, name: &str) -> Option<String> {
        self.named(name).is_none().then(|| format!("{place} names the parameter {name}, which is not described"))
    }

    /// A condition on a parameter that is not described, or on a value that it cannot have.
    fn impossible(&self, place: &str, name: &str, condition: &Condition) -> Option<String> {
        let Some(parameter) = self.named(name) else { return self.unknown(place, name) };
        let (Condition::Is(value) | Condition::Not { not: value }) = condition else { return None };
        let violation = parameter.violation(name, value)?;
        Some(format!("{place} depends on a value that cannot be: {}", violation.message))
    }

    fn frames_nonsense(&self) -> Option<String> {
        let frames = self.frames.as_ref()?;
        if frames.per_second == 0 {
            return Some("frames.per_second must be at least 1".to_owned());
        }
        self.unknown("frames", &frames.parameter)
    }

    fn pricing_nonsense(&self, pricing: &Pricing) -> Vec<String> {
        let mut found: Vec<String> = pricing
            .conditions()
            .filter_map(|(name, condition)| self.impossible("the price", name, condition))
            .chain(pricing.unpriced.iter().filter_map(|name| self.unknown("unpriced", name)))
            .chain(pricing.rates.iter().filter_map(Rate::nonsense))
            .collect();
        if pricing.rates.is_empty() {
            found.push("a pricing needs at least one rate; leave pricing out where the price is unknown".to_owned());
        }
        let dear = |price: Usd| price.dollars() > Decimal::from(GREATEST_PRICE);
        if pricing.extras.iter().map(|extra| extra.usd).chain(pricing.unit_price_usd).any(dear) {
            found.push(format!("a price above {GREATEST_PRICE} USD"));
        }
        if pricing.multipliers.iter().any(|multiplier| multiplier.by > Decimal::from(GREATEST_FACTOR)) {
            found.push(format!("a multiplier above {GREATEST_FACTOR}"));
        }
        found
    }
}

impl Rate {
    fn nonsense(&self) -> Option<String> {
        let tokens = self.tokens.as_ref();
        let prices =
            [self.base_usd, self.usd_per_second].into_iter().chain(tokens.map(|tokens| tokens.usd_per_million));
        if prices.into_iter().any(|price| price.dollars() > Decimal::from(GREATEST_PRICE)) {
            return Some(format!("a price above {GREATEST_PRICE} USD"));
        }
        let frame = tokens.map(|tokens| [tokens.frame[0], tokens.frame[1], tokens.frames_per_second])?;
        let fits = frame.iter().all(|length| (1..=GREATEST_FRAME).contains(length));
        (!fits).then(|| format!("tokens of a frame of {} x {} pixels, {} a second", frame[0], frame[1], frame[2]))
    }
}

impl ParameterSpec {
    fn nonsense(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.name.trim().is_empty() {
            found.push("a parameter without a name".to_owned());
        }
        if self.min.zip(self.max).is_some_and(|(min, max)| max < min) {
            found.push(format!("{}: min is greater than max", self.name));
        }
        if self.min_length.zip(self.max_length).is_some_and(|(min, max)| max < min) {
            found.push(format!("{}: min_length is greater than max_length", self.name));
        }
        let values = self.allowed.iter().chain(self.default.as_ref()).filter(|value| !value.is_null());
        found.extend(values.filter_map(|value: &Value| self.violation(&self.name, value)).map(|wrong| wrong.message));
        found
    }
}
