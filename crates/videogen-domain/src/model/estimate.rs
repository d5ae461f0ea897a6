//! What an input will cost: priced is what is sent.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::{ModelSpec, ParameterRole, ParameterSpec, ParameterType, Pricing, seconds};
use crate::{CostEstimate, Usd};

/// The most combinations of open parameters that are looked at before the price counts as unknown.
const MOST_COMBINATIONS: usize = 10_000;

/// The cost of an input. What it leaves to the model is tried with every value that the model may choose, and the
/// dearest is the bound.
pub(super) fn of(spec: &ModelSpec, input: &Map<String, Value>) -> CostEstimate {
    let Some(pricing) = &spec.pricing else { return CostEstimate::Unknown };
    let mut sent = Sent { spec, input, chosen: Vec::new() };
    let open = open_parameters(&sent, pricing);
    if open.is_empty() {
        return sent.cost(pricing).map_or(CostEstimate::Unknown, CostEstimate::Exact);
    }
    let choices: Vec<(&ParameterSpec, Vec<Cow<'_, Value>>)> =
        open.into_iter().map(|parameter| (parameter, choices(parameter))).collect();
    let combinations = choices.iter().try_fold(1_usize, |product, (_, values)| product.checked_mul(values.len()));
    if !combinations.is_some_and(|count| (1..=MOST_COMBINATIONS).contains(&count)) {
        return CostEstimate::Unknown;
    }
    match range(&mut sent, pricing, &choices) {
        Some((least, most)) if least == most => CostEstimate::Exact(most),
        Some((_, most)) => CostEstimate::UpTo(most),
        None => CostEstimate::Unknown,
    }
}

/// The length in seconds that an input asks for.
pub(super) fn seconds(spec: &ModelSpec, input: &Map<String, Value>) -> Option<Decimal> {
    Sent { spec, input, chosen: Vec::new() }.seconds()
}

/// An input, and what the model is taken to choose where the input leaves it to the model.
struct Sent<'a> {
    spec: &'a ModelSpec,
    input: &'a Map<String, Value>,
    chosen: Vec<(&'a str, &'a Value)>,
}

impl<'a> Sent<'a> {
    /// The value that a parameter will have: chosen, sent, or fal's default.
    fn value(&self, name: &str) -> Option<&'a Value> {
        let chosen = self.chosen.iter().find(|(chosen, _)| *chosen == name).map(|(_, value)| *value);
        let sent = || self.input.get(name).filter(|value| !value.is_null());
        chosen.or_else(sent).or_else(|| self.spec.named(name)?.default.as_ref())
    }

    /// The length in seconds. A number of frames outranks a duration.
    fn seconds(&self) -> Option<Decimal> {
        let duration = self.spec.with_role(ParameterRole::Duration);
        if let Some((frames, parameter)) = self.spec.frame_count() {
            let given = self.input.get(&parameter.name).filter(|value| !value.is_null());
            let default = || parameter.default.as_ref().filter(|_| duration.is_none());
            if let Some(value) = given.or_else(default) {
                return frames.seconds(value);
            }
        }
        let seconds = match duration {
            Some(duration) => self.value(&duration.name).and_then(seconds::seconds_of),
            None => self.spec.fixed_seconds,
        };
        seconds.map(Decimal::from)
    }

    fn cost(&self, pricing: &Pricing) -> Option<Usd> {
        pricing.cost(self.seconds(), |name| self.value(name))
    }
}

/// The parameters that the price depends on and that the input leaves to the model.
fn open_parameters<'a>(sent: &Sent<'a>, pricing: &Pricing) -> Vec<&'a ParameterSpec> {
    let duration = sent.spec.with_role(ParameterRole::Duration);
    let length = duration.filter(|_| pricing.is_by_length() && sent.seconds().is_none());
    let mut open: Vec<&ParameterSpec> = Vec::new();
    for parameter in pricing.parameters().filter_map(|name| sent.spec.named(name)).chain(length) {
        let is_open = sent.value(&parameter.name).is_none_or(|value| value == "auto");
        if is_open && !open.iter().any(|known| known.name == parameter.name) {
            open.push(parameter);
        }
    }
    open
}

/// The values that the model may choose for a parameter. Empty: nobody can tell.
fn choices(parameter: &ParameterSpec) -> Vec<Cow<'_, Value>> {
    if parameter.types == [ParameterType::Boolean] {
        return [false, true].into_iter().map(|value| Cow::Owned(value.into())).collect();
    }
    if parameter.allowed.is_empty() && parameter.role == Some(ParameterRole::Duration) {
        return seconds::durations(parameter).into_iter().map(|seconds| Cow::Owned(seconds.into())).collect();
    }
    parameter.allowed.iter().filter(|value| *value != "auto").map(Cow::Borrowed).collect()
}

/// The least and the greatest cost over all combinations; `None` when one of them has no price.
fn range<'a>(
    sent: &mut Sent<'a>,
    pricing: &Pricing,
    open: &'a [(&'a ParameterSpec, Vec<Cow<'a, Value>>)],
) -> Option<(Usd, Usd)> {
    let Some(((parameter, values), rest)) = open.split_first() else {
        return sent.cost(pricing).map(|cost| (cost, cost));
    };
    let mut range: Option<(Usd, Usd)> = None;
    for value in values {
        sent.chosen.push((&parameter.name, value));
        let part = self::range(sent, pricing, rest);
        sent.chosen.pop();
        let (least, most) = part?;
        range = Some(range.map_or((least, most), |(low, high)| (low.min(least), high.max(most))));
    }
    range
}
