//! `POST /storage/auth/token` of the rest host: the short-lived token that the CDN takes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::refusal::Refusal;
use crate::auth::credentials;
use crate::body;
use crate::clock::Clock;
use crate::front::Origin;
use crate::shared::SharedState;

/// The tokens given out, with the time each ends.
pub(crate) struct Tokens {
    clock: Clock,
    life: Duration,
    live: Mutex<HashMap<String, Timestamp>>,
}

impl Tokens {
    pub(crate) fn new(life: Duration, clock: Clock) -> Self {
        Self { clock, life, live: Mutex::default() }
    }

    /// A new token and the time it ends.
    fn issue(&self) -> (String, Timestamp) {
        let (token, now, end) = (Uuid::now_v7().simple().to_string(), self.clock.now(), self.clock.after(self.life));
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|_, end| *end > now);
        live.insert(token.clone(), end);
        (token, end)
    }

    /// Passes a request with `Authorization: Bearer <token>`.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        match credentials(headers, "Bearer").and_then(|token| live.get(token)) {
            Some(end) if *end > self.clock.now() => Ok(()),
            _ => Err(Refusal::detail(StatusCode::UNAUTHORIZED, "Invalid or expired token")),
        }
    }
}

pub(super) async fn token(
    State(shared): State<SharedState>,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response, Response> {
    shared.keys.check(&headers)?;
    let (token, end) = shared.tokens.issue();
    // Python before 3.11 cannot read a `Z`, so fal writes the offset out.
    let expires_at = end.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string();
    let answer = json!({ "token": token, "token_type": "Bearer", "base_url": origin.urls(&shared).cdn, "expires_at": expires_at });
    Ok(body::json(StatusCode::OK, &answer))
}
