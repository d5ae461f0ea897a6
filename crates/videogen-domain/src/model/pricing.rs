//! How a model is billed: the tariff, and who says so.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::seconds::seconds_of;
use crate::Usd;

/// fal's tokens are pixels of video, this many to a token.
const PIXELS_OF_A_TOKEN: u32 = 1024;

/// How a model is billed, in USD: the first rate whose condition holds, and the extras, times the multipliers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pricing {
    /// Tried in their order; the first whose condition holds is taken. None holds: the price is unknown.
    pub rates: Vec<Rate>,
    /// Added for each condition that holds.
    #[serde(default)]
    pub extras: Vec<Extra>,
    /// Rate and extras are multiplied by each whose condition holds.
    #[serde(default)]
    pub multipliers: Vec<Multiplier>,
    /// Parameters that change the price in a way that is not known: given, they make the price unknown.
    #[serde(default)]
    pub unpriced: Vec<String>,
    /// What fal's pricing API calls `unit_price`: USD for one of the units in `x-fal-billable-units`.
    #[serde(default, deserialize_with = "optional_usd")]
    pub unit_price_usd: Option<Usd>,
    /// The day on which the price was last seen, as `2026-08-16`; only the year where no more is known.
    pub as_of: String,
    /// Where it was seen.
    pub source: String,
    /// How far the source can be trusted.
    pub confidence: Confidence,
    /// What else there is to know about the price.
    pub note: Option<String>,
}

/// How far a price can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Confidence {
    /// fal says so of this endpoint.
    Published,
    /// fal says so of a sibling of the same tier.
    Sibling,
    /// A dated third party says so.
    Reported,
    /// Sources contradict each other.
    Conflicting,
    /// Nobody confirms it.
    Unverified,
    /// Set by the user.
    Configured,
}

/// One line of a tariff: `base_usd`, and `usd_per_second` for each second above `base_seconds`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rate {
    /// When it is the one to take. Empty: always.
    pub when: Conditions,
    /// USD for a video of up to `base_seconds`.
    #[serde(deserialize_with = "usd")]
    pub base_usd: Usd,
    /// The seconds that the base covers.
    pub base_seconds: u32,
    /// USD for each further second.
    #[serde(deserialize_with = "usd")]
    pub usd_per_second: Usd,
    /// Billed by tokens instead of seconds.
    pub tokens: Option<VideoTokens>,
}

/// Billing by the pixels of a video: `width x height x frames / 1024` tokens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VideoTokens {
    /// Pixels of a frame: width and height.
    pub frame: [u32; 2],
    /// Frames of a second.
    pub frames_per_second: u32,
    /// USD for a million tokens.
    #[serde(deserialize_with = "usd")]
    pub usd_per_million: Usd,
}

/// An amount that is added under a condition.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extra {
    /// When it is added.
    pub when: Conditions,
    /// USD for a video.
    #[serde(deserialize_with = "usd")]
    pub usd: Usd,
}

/// A factor under a condition.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Multiplier {
    /// When it applies.
    pub when: Conditions,
    /// The factor, not negative.
    #[serde(deserialize_with = "decimal")]
    pub by: Decimal,
}

/// What parameters must be for a rule to hold: all of them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Conditions(BTreeMap<String, Condition>);

/// What one parameter must be for a rule to hold.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Condition {
    /// A number, or a length in seconds, greater than this.
    Above {
        /// The number to be exceeded.
        above: f64,
    },
    /// Any value but this.
    Not {
        /// The value that it must not be.
        not: Value,
    },
    /// The value itself.
    Is(Value),
}

impl Pricing {
    /// So much for a second of video, as the proposal's `cost_per_second` has it.
    pub fn per_second(usd_per_second: Usd, as_of: impl Into<String>, source: impl Into<String>) -> Self {
        Self {
            rates: vec![Rate { usd_per_second, ..Rate::default() }],
            extras: Vec::new(),
            multipliers: Vec::new(),
            unpriced: Vec::new(),
            unit_price_usd: None,
            as_of: as_of.into(),
            source: source.into(),
            confidence: Confidence::Configured,
            note: None,
        }
    }

    /// What a video costs; `None` when no rate says so. `value_of` gives the value that a parameter will have.
    pub(super) fn cost<'v>(
        &self,
        seconds: Option<Decimal>,
        value_of: impl Fn(&str) -> Option<&'v Value>,
    ) -> Option<Usd> {
        let holds = |when: &Conditions| when.hold(&value_of);
        if self.unpriced.iter().any(|name| value_of(name).is_some_and(|value| !value.is_null())) {
            return None;
        }
        let rate = self.rates.iter().find(|rate| holds(&rate.when))?;
        let extras = self.extras.iter().filter(|extra| holds(&extra.when)).map(|extra| extra.usd);
        let sum = extras.fold(rate.cost(seconds)?, |sum, extra| sum + extra);
        let factors = self.multipliers.iter().filter(|multiplier| holds(&multiplier.when));
        Some(factors.fold(sum, |cost, multiplier| cost * multiplier.by))
    }

    /// Why the price is to be taken with care; `None` when fal says so itself.
    pub(super) fn doubt(&self) -> Option<&'static str> {
        match self.confidence {
            Confidence::Published | Confidence::Sibling | Confidence::Configured => None,
            Confidence::Reported => Some("is known from third parties alone"),
            Confidence::Conflicting => Some("is told differently by different sources"),
            Confidence::Unverified => Some("is not confirmed by fal"),
        }
    }

    /// The parameters that the price depends on, the length not counted.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &str> {
        let rates = self.rates.iter().map(|rate| &rate.when);
        let extras = self.extras.iter().map(|extra| &extra.when);
        let multipliers = self.multipliers.iter().map(|multiplier| &multiplier.when);
        rates.chain(extras).chain(multipliers).flat_map(|when| when.0.keys()).map(String::as_str)
    }

    /// Whether the price depends on the length of the video.
    pub(super) fn is_by_length(&self) -> bool {
        self.rates.iter().any(Rate::is_by_length)
    }

    /// All conditions, for checks.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (&str, &Condition)> {
        let rates = self.rates.iter().map(|rate| &rate.when);
        let extras = self.extras.iter().map(|extra| &extra.when);
        let multipliers = self.multipliers.iter().map(|multiplier| &multiplier.when);
        rates.chain(extras).chain(multipliers).flat_map(Conditions::iter)
    }
}

impl Rate {
    fn is_by_length(&self) -> bool {
        self.tokens.is_some() || self.usd_per_second != Usd::ZERO
    }

    fn cost(&self, seconds: Option<Decimal>) -> Option<Usd> {
        if !self.is_by_length() {
            return Some(self.base_usd);
        }
        let seconds = seconds? - Decimal::from(self.base_seconds);
        let per_second = self.tokens.as_ref().map_or(self.usd_per_second, VideoTokens::usd_per_second);
        Some(self.base_usd + per_second * seconds)
    }
}

impl VideoTokens {
    fn usd_per_second(&self) -> Usd {
        let [width, height] = self.frame.map(Decimal::from);
        let tokens = width * height * Decimal::from(self.frames_per_second) / Decimal::from(PIXELS_OF_A_TOKEN);
        self.usd_per_million * (tokens / Decimal::from(1_000_000))
    }
}

impl Conditions {
    /// Whether each of them holds.
    pub(super) fn hold<'v>(&self, value_of: impl Fn(&str) -> Option<&'v Value>) -> bool {
        self.0.iter().all(|(name, condition)| value_of(name).is_some_and(|value| condition.holds(value)))
    }

    /// Each parameter with its condition.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Condition)> {
        self.0.iter().map(|(name, condition)| (name.as_str(), condition))
    }
}

impl Condition {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Is(expected) => expected == value,
            Self::Not { not } => not != value,
            Self::Above { above } => {
                value.as_f64().or_else(|| seconds_of(value).map(f64::from)).is_some_and(|number| *above < number)
            }
        }
    }
}

/// Reads an amount written as a text, so that no binary fraction comes between.
fn usd<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Usd, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

fn optional_usd<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Usd>, D::Error> {
    usd(deserializer).map(Some)
}

fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = Decimal::from_str_exact(&text).ok().filter(|number| *number >= Decimal::ZERO);
    number.ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is not a factor; write one such as \"1.25\"")))
}
