//! The stretches of time that figures are added up over.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use crate::platform::parameters::Parameters;
use crate::platform::period::DAY;
use crate::platform::refusal::Refusal;

/// The length of a stretch. Weeks begin on Monday, and all of them in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timeframe {
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

const NAMES: [&str; 5] = ["minute", "hour", "day", "week", "month"];

const HOUR: Duration = Duration::from_secs(60 * 60);

impl Timeframe {
    const ALL: [Self; 5] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// Reads `timeframe`; where it is not given, the whole length decides, as on fal.
    pub(super) fn read(parameters: &Parameters, whole: Duration) -> Result<Self, Refusal> {
        let name = parameters.choice("timeframe", &NAMES)?;
        let named = Self::ALL.into_iter().zip(NAMES).find(|(_, known)| name == Some(known));
        Ok(named.map_or(Self::fitting(whole), |(timeframe, _)| timeframe))
    }

    fn fitting(whole: Duration) -> Self {
        match whole {
            _ if whole < 2 * HOUR => Self::Minute,
            _ if whole < 2 * DAY => Self::Hour,
            _ if whole < 64 * DAY => Self::Day,
            _ if whole < 183 * DAY => Self::Week,
            _ => Self::Month,
        }
    }

    /// The beginning of the stretch that this time is in.
    pub(super) fn begin(self, time: Timestamp) -> Timestamp {
        let at = TimeZone::UTC.to_datetime(time);
        let day = at.date();
        let begin = match self {
            Self::Minute => day.at(at.hour(), at.minute(), 0, 0),
            Self::Hour => day.at(at.hour(), 0, 0, 0),
            Self::Day => day.at(0, 0, 0, 0),
            Self::Week => day.saturating_sub(day.weekday().to_monday_zero_offset().days()).at(0, 0, 0, 0),
            Self::Month => day.first_of_month().at(0, 0, 0, 0),
        };
        // The calendar may begin later.
        TimeZone::UTC.to_timestamp(begin).unwrap_or(time)
    }

    /// The time itself where a stretch begins there, else the beginning of the next one.
    pub(super) fn begin_not_before(self, time: Timestamp) -> Timestamp {
        let begin = self.begin(time);
        if begin == time {
            return time;
        }
        let next = TimeZone::UTC.to_datetime(begin).saturating_add(self.span());
        // The calendar may end before.
        TimeZone::UTC.to_timestamp(next).unwrap_or(Timestamp::MAX)
    }

    fn span(self) -> Span {
        match self {
            Self::Minute => 1.minute(),
            Self::Hour => 1.hour(),
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().expect("is a time")
    }

    #[test]
    fn a_stretch_begins_at_the_calendars_own_times() {
        // A Wednesday.
        let within = time("2026-04-15T13:47:59.5Z");
        for (timeframe, begin, next) in [
            (Timeframe::Minute, "2026-04-15T13:47:00Z", "2026-04-15T13:48:00Z"),
            (Timeframe::Hour, "2026-04-15T13:00:00Z", "2026-04-15T14:00:00Z"),
            (Timeframe::Day, "2026-04-15T00:00:00Z", "2026-04-16T00:00:00Z"),
            (Timeframe::Week, "2026-04-13T00:00:00Z", "2026-04-20T00:00:00Z"),
            (Timeframe::Month, "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"),
        ] {
            assert_eq!(timeframe.begin(within), time(begin), "{timeframe:?}");
            assert_eq!(timeframe.begin(time(begin)), time(begin), "{timeframe:?}");
            assert_eq!(timeframe.begin_not_before(within), time(next), "{timeframe:?}");
            assert_eq!(timeframe.begin_not_before(time(begin)), time(begin), "{timeframe:?}");
        }
    }

    #[test]
    fn the_ends_of_time_have_a_stretch_too() {
        for timeframe in Timeframe::ALL {
            assert!(timeframe.begin(Timestamp::MIN) <= timeframe.begin(Timestamp::MAX));
            assert!(timeframe.begin_not_before(Timestamp::MIN) <= timeframe.begin_not_before(Timestamp::MAX));
        }
    }

    #[test]
    fn a_longer_time_has_longer_stretches() {
        let fitting = |hours: u32| Timeframe::fitting(hours * HOUR);
        let steps = [1, 2, 47, 48, 64 * 24 - 1, 64 * 24, 183 * 24 - 1, 183 * 24];
        assert_eq!(
            steps.map(fitting),
            [
                Timeframe::Minute,
                Timeframe::Hour,
                Timeframe::Hour,
                Timeframe::Day,
                Timeframe::Day,
                Timeframe::Week,
                Timeframe::Week,
                Timeframe::Month,
            ]
        );
    }
}
