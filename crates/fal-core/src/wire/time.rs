//! Times as fal writes them: with a zone, or without one and meant as UTC.

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A time.
pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    optional(deserializer)?.ok_or_else(|| D::Error::custom("a time is missing"))
}

/// A time, or `null`.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let unreadable = || D::Error::custom("a time cannot be read");
    text.map(|text| read(&text).ok_or_else(unreadable)).transpose()
}

/// A time that is only shown: `None` when it cannot be read.
pub(crate) fn if_readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.as_deref().and_then(read))
}

fn read(text: &str) -> Option<Timestamp> {
    let utc = || Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    text.parse().ok().or_else(utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_zone_is_utc() {
        let expected: Timestamp = "2025-01-15T10:30:45Z".parse().unwrap();
        for text in ["2025-01-15T10:30:45Z", "2025-01-15T05:30:45-05:00", "2025-01-15T10:30:45", "2025-01-15 10:30:45"]
        {
            assert_eq!(read(text), Some(expected), "{text}");
        }
        assert_eq!(read("2025-01-15"), Some("2025-01-15T00:00:00Z".parse().unwrap()));
        for text in ["", "yesterday", "2025-13-01", "1736937045"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
