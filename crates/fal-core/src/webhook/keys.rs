//! fal's public keys: fetched when needed, kept for a while, fetched anew when none of them fits.

use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::Duration;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use data_encoding::BASE64URL_NOPAD;
use http::Method;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Mutex;

use super::WebhookError;
use super::headers::Signature;
use crate::call::{Authorization, Call};
use crate::{Error, FalClient, HostClass};

/// Keys are not asked for again sooner than this, whatever arrives.
pub(crate) const PAUSE: Duration = Duration::from_secs(60);
/// fal waits 15 s for the answer to a delivery.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Public keys, each of which may have signed.
#[derive(Debug)]
pub(crate) struct KeySet(Vec<[u8; 32]>);

impl KeySet {
    /// The Ed25519 keys of a JSON Web Key Set; `None` when it has none.
    pub(crate) fn read(jwks: &[u8]) -> Option<Self> {
        let jwks: Value = serde_json::from_slice(jwks).ok()?;
        let keys: Vec<_> = jwks.get("keys")?.as_array()?.iter().filter_map(public_key).collect();
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// Whether one of the keys made the signature.
    pub(crate) fn signed(&self, message: &[u8], signature: &Signature) -> bool {
        self.0.iter().any(|key| UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok())
    }
}

/// fal documents only `x`; the others are looked at where they are there.
fn public_key(jwk: &Value) -> Option<[u8; 32]> {
    let fits = |name: &str, expected: &str| jwk.get(name).is_none_or(|value| value == expected);
    if !fits("kty", "OKP") || !fits("crv", "Ed25519") {
        return None;
    }
    let x = jwk.get("x")?.as_str()?.trim_end_matches('=');
    BASE64URL_NOPAD.decode(x.as_bytes()).ok()?.try_into().ok()
}

/// The keys in use.
#[derive(Debug)]
pub(crate) struct KeyRing {
    /// Who fetches them; `None` for keys that stay as they are.
    client: Option<FalClient>,
    pub(crate) max_age: Duration,
    held: Lock<Option<(Arc<KeySet>, Timestamp)>>,
    /// When keys were last asked for. Locked while they are, so that a crowd of deliveries asks once.
    asked_at: Mutex<Option<Timestamp>>,
}

impl KeyRing {
    pub(crate) fn fixed(keys: KeySet) -> Self {
        let held = Lock::new(Some((Arc::new(keys), Timestamp::UNIX_EPOCH)));
        Self { client: None, max_age: Duration::MAX, held, asked_at: Mutex::default() }
    }

    pub(crate) fn fetched_by(client: FalClient, max_age: Duration) -> Self {
        Self { client: Some(client), max_age, held: Lock::default(), asked_at: Mutex::default() }
    }

    /// The keys that hold now.
    pub(crate) async fn current(&self, now: Timestamp) -> Result<Arc<KeySet>, WebhookError> {
        if let Some(keys) = self.held(now) {
            return Ok(keys);
        }
        let mut asked_at = self.asked_at.lock().await;
        match self.held(now) {
            Some(keys) => Ok(keys),
            None => self.fetch(now, &mut asked_at).await?.ok_or(WebhookError::KeysUnavailable { source: None }),
        }
    }

    /// Other keys than these, if there can be any: fal may have changed them.
    pub(crate) async fn instead_of(
        &self,
        keys: &Arc<KeySet>,
        now: Timestamp,
    ) -> Result<Option<Arc<KeySet>>, WebhookError> {
        let mut asked_at = self.asked_at.lock().await;
        match self.held(now).filter(|held| !Arc::ptr_eq(held, keys)) {
            Some(newer) => Ok(Some(newer)),
            None => self.fetch(now, &mut asked_at).await,
        }
    }

    fn held(&self, now: Timestamp) -> Option<Arc<KeySet>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (keys, since) = held.as_ref()?;
        (self.client.is_none() || within(self.max_age, *since, now)).then(|| Arc::clone(keys))
    }

    /// `None` when it is too early to ask again.
    async fn fetch(
        &self,
        now: Timestamp,
        asked_at: &mut Option<Timestamp>,
    ) -> Result<Option<Arc<KeySet>>, WebhookError> {
        let Some(client) = &self.client else { return Ok(None) };
        if asked_at.is_some_and(|then| within(PAUSE, then, now)) {
            return Ok(None);
        }
        *asked_at = Some(now);
        let jwks = ask(client).await.map_err(|error| WebhookError::KeysUnavailable { source: Some(error) })?;
        let keys = Arc::new(KeySet::read(&jwks).ok_or(WebhookError::KeysUnavailable { source: None })?);
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some((Arc::clone(&keys), now));
        Ok(Some(keys))
    }
}

async fn ask(client: &FalClient) -> Result<bytes::Bytes, Error> {
    let url = client.hosts().join(HostClass::Rest, [".well-known", "jwks.json"]);
    let call = Call::new(Method::GET, HostClass::Rest, url).with_authorization(Authorization::None);
    client.call(call.with_timeout(TIMEOUT)).await.map(|answer| answer.body)
}

/// Whether no more than `limit` has passed; a clock that was set back counts as if it had.
fn within(limit: Duration, since: Timestamp, now: Timestamp) -> bool {
    Duration::try_from(now.duration_since(since)).is_ok_and(|age| age < limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn keys(jwks: &str) -> usize {
        KeySet::read(jwks.as_bytes()).map_or(0, |keys| keys.0.len())
    }

    #[test]
    fn every_ed25519_key_of_a_set_is_read_padded_or_not() {
        let full = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}","kid":"1","use":"sig"}}"#);
        assert_eq!(keys(&format!(r#"{{"keys":[{full},{{"x":"{X}="}},{{"x":"{X}"}}]}}"#)), 3);
    }

    #[test]
    fn what_is_no_ed25519_key_is_passed_over() {
        for other in [
            format!(r#"{{"kty":"RSA","x":"{X}"}}"#),
            format!(r#"{{"kty":"OKP","crv":"X25519","x":"{X}"}}"#),
            r#"{"kty":"OKP","crv":"Ed25519"}"#.to_owned(),
            r#"{"x":"AAAA"}"#.to_owned(),
            r#"{"x":"not base64!"}"#.to_owned(),
            r#"{"x":7}"#.to_owned(),
            "null".to_owned(),
        ] {
            assert_eq!(keys(&format!(r#"{{"keys":[{other}]}}"#)), 0, "{other}");
            assert_eq!(keys(&format!(r#"{{"keys":[{other},{{"x":"{X}"}}]}}"#)), 1, "{other}");
        }
        for nothing in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[]}"#, "<html>"] {
            assert_eq!(keys(nothing), 0, "{nothing}");
        }
    }
}
