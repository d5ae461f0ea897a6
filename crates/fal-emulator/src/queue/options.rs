//! What a submit says besides its input: the platform's own headers and query parameters.

use std::time::Duration;

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::storage::Lifecycle;

/// The options of one request.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Options {
    /// `fal_webhook`: where to tell of the end.
    pub(crate) webhook: Option<String>,
    /// `fal_max_queue_length`: refuse where more than these wait already.
    pub(crate) max_queue_length: Option<usize>,
    /// `X-Fal-Request-Start-Timeout`, or its older name: give up where no runner has taken it by then.
    pub(crate) start_timeout: Option<Duration>,
    /// `X-Fal-Queue-Priority: low`.
    pub(crate) low_priority: bool,
    /// `X-Fal-No-Retry`.
    pub(crate) no_retry: bool,
    /// `X-Fal-Store-IO: 0`: the history keeps neither input nor output.
    pub(crate) discard_payloads: bool,
    /// `X-Fal-Object-Lifecycle-Preference`, for the files that the request makes. One that cannot be read counts for nothing.
    pub(crate) lifecycle: Lifecycle,
    /// `X-Fal-Tags`, as it was sent.
    pub(crate) tags: Option<String>,
}

/// A start timeout that is no number of seconds above 0.1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadTimeout;

/// fal refuses shorter start timeouts, in seconds.
const SHORTEST_START_TIMEOUT: f64 = 0.1;

impl Options {
    /// Reads query and headers; what is unknown is ignored, as on fal.
    pub(crate) fn read(query: &str, headers: &HeaderMap) -> Result<Self, BadTimeout> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let mut options = Self {
            start_timeout: header("x-fal-request-start-timeout")
                .or_else(|| header("x-fal-request-timeout"))
                .map(start_timeout)
                .transpose()?,
            low_priority: header("x-fal-queue-priority").is_some_and(|value| value.eq_ignore_ascii_case("low")),
            no_retry: header("x-fal-no-retry").is_some_and(is_yes),
            discard_payloads: header("x-fal-store-io") == Some("0"),
            lifecycle: Lifecycle::of(headers).unwrap_or_default(),
            tags: header("x-fal-tags").map(str::to_owned),
            ..Self::default()
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "fal_webhook" => options.webhook = Some(value.into_owned()),
                "fal_max_queue_length" => options.max_queue_length = value.parse().ok(),
                _ => {}
            }
        }
        Ok(options)
    }
}

fn start_timeout(text: &str) -> Result<Duration, BadTimeout> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > SHORTEST_START_TIMEOUT).ok_or(BadTimeout)?;
    Duration::try_from_secs_f64(seconds).map_err(|_| BadTimeout)
}

fn is_yes(value: &str) -> bool {
    ["1", "true", "yes"].iter().any(|yes| value.eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, headers: &[(&'static str, &str)]) -> Result<Options, BadTimeout> {
        let headers = headers.iter().map(|(name, value)| {
            (axum::http::HeaderName::from_static(name), value.parse().expect("is a header value"))
        });
        Options::read(query, &headers.collect())
    }

    #[test]
    fn the_newer_name_of_the_start_timeout_wins_and_both_spellings_of_a_number_are_read() {
        let seconds = |headers: &[(&'static str, &str)]| read("", headers).map(|options| options.start_timeout);
        assert_eq!(seconds(&[("x-fal-request-timeout", "30.0")]), Ok(Some(Duration::from_secs(30))));
        let both = [("x-fal-request-timeout", "30"), ("x-fal-request-start-timeout", "7")];
        assert_eq!(seconds(&both), Ok(Some(Duration::from_secs(7))));
        for bad in ["0.1", "-1", "soon", "NaN", "inf", "1e300"] {
            assert_eq!(seconds(&[("x-fal-request-timeout", bad)]), Err(BadTimeout), "{bad}");
        }
    }

    #[test]
    fn the_query_is_decoded() {
        let options =
            read("fal_webhook=http%3A%2F%2F127.0.0.1%2Fhook%3Fa%3D1&fal_max_queue_length=3", &[]).expect("reads");
        assert_eq!(options.webhook.as_deref(), Some("http://127.0.0.1/hook?a=1"));
        assert_eq!(options.max_queue_length, Some(3));
    }

    #[test]
    fn flags_have_fals_spellings() {
        let options = read("", &[("x-fal-no-retry", "Yes"), ("x-fal-store-io", "0"), ("x-fal-queue-priority", "low")]);
        let options = options.expect("reads");
        assert!(options.no_retry && options.discard_payloads && options.low_priority);
        let options = read("", &[("x-fal-no-retry", "no"), ("x-fal-store-io", "1"), ("x-fal-queue-priority", "high")]);
        let options = options.expect("reads");
        assert!(!options.no_retry && !options.discard_payloads && !options.low_priority);
    }
}
