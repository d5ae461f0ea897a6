//! How a model is billed.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use crate::Usd;

/// How a model is billed, in USD.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Pricing {
    /// So much for a second of video.
    PerSecond {
        /// USD for a second.
        #[serde(deserialize_with = "usd")]
        usd_per_second: Usd,
    },
    /// So much for a second of video, by the value of another parameter.
    PerSecondBy {
        /// The parameter that decides, for example `resolution`.
        parameter: String,
        /// USD for a second, for each of its values.
        #[serde(deserialize_with = "usd_table")]
        usd_per_second: BTreeMap<String, Usd>,
    },
    /// So much for the first seconds, and so much for each further one.
    BasePlusExtraSecond {
        /// USD for the first `base_seconds`, however short the video.
        #[serde(deserialize_with = "usd")]
        base_usd: Usd,
        /// How many seconds the base covers.
        base_seconds: u32,
        /// USD for each second above.
        #[serde(deserialize_with = "usd")]
        extra_usd_per_second: Usd,
    },
    /// So much for a video, however long.
    PerVideo {
        /// USD for a video.
        #[serde(deserialize_with = "usd")]
        usd: Usd,
    },
}

impl Pricing {
    /// What a video costs; `value_of` gives the value that a parameter will have. `None` when that cannot be said.
    pub(super) fn cost(&self, seconds: Option<u32>, value_of: impl Fn(&str) -> Option<String>) -> Option<Usd> {
        match self {
            Self::PerSecond { usd_per_second } => Some(*usd_per_second * Decimal::from(seconds?)),
            Self::PerSecondBy { parameter, usd_per_second } => {
                Some(*usd_per_second.get(&value_of(parameter)?)? * Decimal::from(seconds?))
            }
            Self::BasePlusExtraSecond { base_usd, base_seconds, extra_usd_per_second } => {
                let extra = seconds?.saturating_sub(*base_seconds);
                Some(*base_usd + *extra_usd_per_second * Decimal::from(extra))
            }
            Self::PerVideo { usd } => Some(*usd),
        }
    }
}

/// Reads an amount written as a text, so that no binary fraction comes between.
pub(super) fn usd<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Usd, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

fn usd_table<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Usd>, D::Error> {
    let table = BTreeMap::<String, String>::deserialize(deserializer)?;
    table.into_iter().map(|(name, text)| Ok((name, text.parse().map_err(serde::de::Error::custom)?))).collect()
}
