//! The stretches of time that fal adds up by.

use jiff::Timestamp;
use serde::Deserialize;

use crate::wire;

/// A stretch of time that fal adds up by, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Timeframe {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
}

impl Timeframe {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// What belongs to one stretch of time.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Bucket<T> {
    /// When the stretch begins.
    #[serde(rename = "bucket", deserialize_with = "wire::time::required")]
    pub begins: Timestamp,
    /// What belongs to it.
    pub results: Vec<T>,
}
