//! The time that a call is about.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::platform::parameters::Parameters;
use crate::platform::refusal::Refusal;

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
pub(super) const NINETY_DAYS: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// From its start until just before its end; without an end, until now.
pub(super) struct Period {
    pub(super) start: Timestamp,
    pub(super) end: Option<Timestamp>,
}

impl Period {
    /// Reads `start` and `end`; without a start, it is so long ago.
    pub(super) fn read(parameters: &Parameters, now: Timestamp, ago: Duration) -> Result<Self, Refusal> {
        let start = time(parameters, "start")?.unwrap_or(now - ago);
        Ok(Self { start, end: time(parameters, "end")? })
    }

    pub(super) fn holds(&self, time: Timestamp) -> bool {
        self.start <= time && self.end.is_none_or(|end| time < end)
    }

    /// Its length up to its end; zero where it ends before it starts.
    pub(super) fn length(&self, now: Timestamp) -> Duration {
        self.end.unwrap_or(now).duration_since(self.start).try_into().unwrap_or_default()
    }
}

fn time(parameters: &Parameters, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let read =
        |text| parse(text).ok_or_else(|| Refusal::invalid(format!("{name} must be a date, or a time with offset")));
    parameters.one(name).map(read).transpose()
}

/// `2026-01-31T12:00:00Z`, or `2026-01-31` for its first moment.
fn parse(text: &str) -> Option<Timestamp> {
    let date = || text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    let midnight = || TimeZone::UTC.to_timestamp(date()?.to_datetime(Time::midnight())).ok();
    text.parse().ok().or_else(midnight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_needs_its_offset_and_a_date_is_its_first_moment() {
        let read = |text| parse(text).map(|time| time.to_string());
        assert_eq!(read("2026-01-31").as_deref(), Some("2026-01-31T00:00:00Z"));
        assert_eq!(read("2026-01-31T01:30:00+01:00").as_deref(), Some("2026-01-31T00:30:00Z"));
        for bad in ["", "2026-01-32", "20260131", "2026-01-31T00:00:00", "2026-01-31T01:30:00 01:00", "1769817600"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
