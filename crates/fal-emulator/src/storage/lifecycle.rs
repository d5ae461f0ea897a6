//! How long a file lives and who may read it, as one request asks for it.

use std::num::NonZeroU64;
use std::time::Duration;

use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::acl::Acl;
use super::refusal::Refusal;
use super::settings::Settings;
use crate::clock::Clock;
use crate::json_object;

/// The header of the CDN, then the one of the other hosts. The Python client sends both, with one value.
const HEADERS: [&str; 2] = ["x-fal-object-lifecycle", "x-fal-object-lifecycle-preference"];
const EXPECTED: &str =
    "Expected JSON with `expiration_duration_seconds`, a whole number above 0 or null, and `initial_acl`";

/// The wishes of one request; what it leaves open, the account's settings decide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lifecycle {
    /// `Some(None)` is a `null` on the wire: the file never expires, whatever the account says.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    expiration_duration_seconds: Option<Option<NonZeroU64>>,
    #[serde(default, deserialize_with = "acl", skip_serializing_if = "Option::is_none")]
    initial_acl: Option<Acl>,
}

impl Lifecycle {
    /// What the headers ask for; nothing where there are none.
    ///
    /// # Errors
    ///
    /// A 422 for a header that cannot be read.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let found = HEADERS.into_iter().find_map(|name| Some((name, headers.get(name)?)));
        let Some((name, value)) = found else { return Ok(Self::default()) };
        json_object::read(value.as_bytes()).map_err(|_| Refusal::invalid(&["header", name], EXPECTED, "value_error"))
    }

    /// Whatever the account says, the file stays.
    pub(crate) fn for_ever() -> Self {
        Self { expiration_duration_seconds: Some(None), initial_acl: None }
    }

    /// When a file that is stored now ends.
    pub(super) fn end(&self, account: &Settings, clock: &Clock) -> Option<Timestamp> {
        let seconds = self.expiration_duration_seconds.unwrap_or(account.expiration_duration_seconds)?;
        Some(clock.after(Duration::from_secs(seconds.get())))
    }

    pub(super) fn acl(&self, account: &Settings) -> Option<Acl> {
        self.initial_acl.clone().or_else(|| account.initial_acl.clone())
    }
}

/// Tells a field that is `null` from one that is not there.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<NonZeroU64>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// The Python client leaves the default decision out where its caller gave none.
fn acl<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Acl>, D::Error> {
    let Some(mut acl) = Option::<Map<String, Value>>::deserialize(value)? else { return Ok(None) };
    acl.entry("default").or_insert_with(|| "allow".into());
    serde_json::from_value(Value::Object(acl)).map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&'static str, &str)]) -> Result<Lifecycle, Refusal> {
        Lifecycle::of(
            &headers
                .iter()
                .map(|(name, value)| (name.parse().expect("is one"), value.parse().expect("is one")))
                .collect(),
        )
    }

    fn account(seconds: Option<u64>) -> Settings {
        Settings { expiration_duration_seconds: seconds.and_then(NonZeroU64::new), initial_acl: None }
    }

    #[tokio::test]
    async fn the_request_outranks_the_account_and_null_means_for_ever() {
        let clock = Clock::start();
        let seconds = |asked: &str, account: &Settings| {
            let lifecycle = of(&[("x-fal-object-lifecycle", asked)]).expect("is read");
            Some(lifecycle.end(account, &clock)?.duration_since(clock.now()).as_secs_f64().round())
        };
        assert_eq!(seconds(r#"{"expiration_duration_seconds":60}"#, &account(Some(5))), Some(60.0));
        assert_eq!(seconds("{}", &account(Some(5))), Some(5.0));
        assert_eq!(seconds(r#"{"expiration_duration_seconds":null}"#, &account(Some(5))), None);
        assert_eq!(seconds("{}", &account(None)), None);
        let endless = of(&[("x-fal-object-lifecycle", r#"{"expiration_duration_seconds":18446744073709551615}"#)]);
        assert_eq!(endless.expect("is read").end(&account(None), &clock), Some(Timestamp::MAX));
    }

    #[test]
    fn both_headers_are_read_and_the_cdns_own_comes_first() {
        let (short, long) = (r#"{"expiration_duration_seconds":1}"#, r#"{"expiration_duration_seconds":2}"#);
        let both = of(&[(HEADERS[1], long), (HEADERS[0], short)]).expect("is read");
        assert_eq!(both, of(&[(HEADERS[0], short)]).expect("is read"));
        assert_ne!(both, of(&[(HEADERS[1], long)]).expect("is read"));
        assert_eq!(of(&[]).expect("is read"), Lifecycle::default());
    }

    #[test]
    fn a_life_that_is_no_whole_number_above_nought_is_refused() {
        for seconds in ["0", "-1", "1.5", "\"60\"", "true"] {
            let header = format!(r#"{{"expiration_duration_seconds":{seconds}}}"#);
            assert!(of(&[(HEADERS[0], &header)]).is_err(), "{seconds}");
        }
        assert!(of(&[(HEADERS[0], "3600")]).is_err() && of(&[(HEADERS[0], "[3600]")]).is_err());
        assert!(of(&[(HEADERS[0], r#"{"initial_acl":{"default":"private"}}"#)]).is_err());
    }

    #[test]
    fn an_acl_may_name_rules_alone() {
        let acl = |text: &str| Some(of(&[(HEADERS[0], text)]).ok()?.acl(&account(None)));
        let rules = acl(r#"{"initial_acl":{"rules":[{"user":"someone","decision":"hide"}]}}"#);
        assert_eq!(rules, acl(r#"{"initial_acl":{"default":"allow","rules":[{"user":"someone","decision":"hide"}]}}"#));
        assert!(rules.flatten().is_some());
        assert_eq!(acl(r#"{"initial_acl":null}"#), Some(None));
        assert_eq!(acl(r#"{"initial_acl":{"other":1}}"#), None);
    }

    #[test]
    fn it_survives_being_written_down() {
        for text in [r#"{}"#, r#"{"expiration_duration_seconds":null}"#, r#"{"expiration_duration_seconds":9}"#] {
            let read: Lifecycle = serde_json::from_str(text).expect("is read");
            assert_eq!(serde_json::to_string(&read).expect("is written"), text);
        }
    }
}
