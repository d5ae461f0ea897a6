//! Who may call: the API key on the queue and rest hosts, the short-lived token on the CDN.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::body;
use crate::error::Error;

const MALFORMED: &str = "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.";
const UNKNOWN: &str = "No user found for Key ID and Secret";
const BAD_TOKEN: &str = "Invalid or expired token";
/// How long a CDN token is good for; fal's own time is not published.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// The API keys that are accepted: one, or any of the right form.
pub(crate) struct Keys {
    only: Option<String>,
}

impl Keys {
    pub(crate) fn accepting(only: Option<String>) -> Result<Self, Error> {
        match &only {
            Some(key) if !well_formed(key) => Err(Error::ApiKey),
            _ => Ok(Self { only }),
        }
    }

    /// Passes a request with `Authorization: Key <id>:<secret>`, or gives fal's answer to a wrong one.
    #[expect(clippy::result_large_err, reason = "the error is the answer, sent at once")]
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Response> {
        let key = credentials(headers, "Key").filter(|key| well_formed(key)).ok_or_else(|| refusal(MALFORMED))?;
        match &self.only {
            Some(only) if only != key => Err(refusal(UNKNOWN)),
            _ => Ok(()),
        }
    }
}

/// The CDN tokens given out, with the time each ends.
#[derive(Default)]
pub(crate) struct Tokens {
    live: Mutex<HashMap<String, Timestamp>>,
}

impl Tokens {
    /// A new token and the time it ends.
    pub(crate) fn issue(&self) -> (String, Timestamp) {
        let (token, now) = (Uuid::now_v7().simple().to_string(), Timestamp::now());
        let ends = now + TOKEN_LIFE;
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|_, end| *end > now);
        live.insert(token.clone(), ends);
        (token, ends)
    }

    /// Passes a request with `Authorization: Bearer <token>`.
    #[expect(clippy::result_large_err, reason = "the error is the answer, sent at once")]
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Response> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = credentials(headers, "Bearer").and_then(|token| live.get(token));
        match ends {
            Some(ends) if *ends > Timestamp::now() => Ok(()),
            _ => Err(refusal(BAD_TOKEN)),
        }
    }
}

fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (given, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then_some(rest)
}

fn well_formed(key: &str) -> bool {
    let two = key.split_once(':').is_some_and(|(id, secret)| !id.is_empty() && !secret.is_empty());
    two && !key.contains(char::is_whitespace)
}

fn refusal(detail: &str) -> Response {
    body::json(StatusCode::UNAUTHORIZED, &json!({ "detail": detail }))
}
