//! What the headers of an answer say about sending again.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::Answer;

/// What the headers of an answer say about sending again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServerHints {
    /// `X-Fal-Request-Timeout-Type: user`: the caller's own deadline ended the request.
    pub user_timeout: bool,
    /// `X-Fal-Needs-Retry`, else `X-Fal-Retryable`: whether fal advises to send again.
    pub retryable: Option<bool>,
    /// `Retry-After`, in seconds or as a date: how long the server asks to be left alone.
    pub retry_after: Option<Duration>,
}

impl ServerHints {
    pub(crate) fn of(answer: &Answer) -> Self {
        Self::read(&answer.headers, Timestamp::now())
    }

    /// Reads the headers. A date counts from the server's own `Date`, and without one from `now`.
    fn read(headers: &HeaderMap, now: Timestamp) -> Self {
        Self {
            user_timeout: text(headers, "x-fal-request-timeout-type")
                .is_some_and(|kind| kind.eq_ignore_ascii_case("user")),
            retryable: flag(headers, "x-fal-needs-retry").or_else(|| flag(headers, "x-fal-retryable")),
            retry_after: text(headers, RETRY_AFTER.as_str()).and_then(|wish| {
                let now = text(headers, DATE.as_str()).and_then(date).unwrap_or(now);
                seconds(wish).or_else(|| Some(until(date(wish)?, now)))
            }),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn flag(headers: &HeaderMap, name: &str) -> Option<bool> {
    match text(headers, name)?.to_ascii_lowercase().as_str() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

fn seconds(text: &str) -> Option<Duration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than a number holds are a long time.
    digits.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

fn date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// A date that is over asks for no delay.
fn until(date: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(date.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn read(headers: &[(&'static str, &str)]) -> ServerHints {
        let header = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        ServerHints::read(&headers.iter().map(header).collect(), "1994-11-06T08:49:00Z".parse().unwrap())
    }

    #[test]
    fn both_spellings_of_retryable_are_read_and_the_newer_one_wins() {
        for (value, retryable) in [
            ("1", Some(true)),
            ("true", Some(true)),
            (" TRUE ", Some(true)),
            ("0", Some(false)),
            ("False", Some(false)),
            ("yes", None),
            ("", None),
        ] {
            assert_eq!(read(&[("x-fal-needs-retry", value)]).retryable, retryable, "{value:?}");
            assert_eq!(read(&[("x-fal-retryable", value)]).retryable, retryable, "{value:?}");
        }
        let both = |needs, retryable| read(&[("x-fal-needs-retry", needs), ("x-fal-retryable", retryable)]).retryable;
        assert_eq!((both("1", "false"), both("0", "true"), both("?", "true")), (Some(true), Some(false), Some(true)));
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        let now = ("date", "Sun, 06 Nov 1994 08:49:30 GMT");
        let soon = ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (headers, delay) in [
            (vec![("retry-after", "7")], Some(7)),
            (vec![("retry-after", " 0 ")], Some(0)),
            (vec![("retry-after", "99999999999999999999")], Some(u64::MAX)),
            (vec![soon, now], Some(7)),
            (vec![soon], Some(37)),
            (vec![now, ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], Some(0)),
            (vec![("retry-after", "-1")], None),
            (vec![("retry-after", "1.5")], None),
            (vec![("retry-after", "soon")], None),
            (vec![("retry-after", "")], None),
            (vec![], None),
        ] {
            assert_eq!(read(&headers).retry_after, delay.map(Duration::from_secs), "{headers:?}");
        }
    }

    #[test]
    fn only_the_callers_own_deadline_counts_as_one() {
        for (value, user_timeout) in [("user", true), ("User", true), ("server", false), ("", false)] {
            assert_eq!(read(&[("x-fal-request-timeout-type", value)]).user_timeout, user_timeout, "{value}");
        }
    }
}
