//! Who may call: the API key on every host but the CDN.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use crate::body;
use crate::error::Error;

const MALFORMED: &str = "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.";
const UNKNOWN: &str = "No user found for Key ID and Secret";

/// Who pays for a call. There is one only where key or token were good.
pub(crate) struct Payer {
    /// The public half of the key.
    pub(crate) key_id: Option<String>,
}

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

    /// The payer of a request with an accepted key, or fal's answer to a wrong one.
    #[expect(clippy::result_large_err, reason = "the error is the answer, sent at once")]
    pub(crate) fn payer(&self, headers: &HeaderMap) -> Result<Payer, Response> {
        self.check(headers).map(|()| Payer { key_id: key_id(headers) })
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

/// The public half of the key in a request.
pub(crate) fn key_id(headers: &HeaderMap) -> Option<String> {
    credentials(headers, "Key")?.split_once(':').map(|(id, _)| id.to_owned())
}

/// What follows the scheme in the `Authorization` header.
pub(crate) fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
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
