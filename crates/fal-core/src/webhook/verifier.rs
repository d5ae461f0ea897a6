//! Verifies deliveries.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::deliveries::Deliveries;
use super::headers::SignedHeaders;
use super::keys::{KeyRing, KeySet, PAUSE};
use super::{WebhookError, WebhookEvent};
use crate::{ConfigError, Error, FalClient};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Verifies deliveries: that fal signed them, for this account, just now. Share it behind an [`Arc`]: it keeps fal's
/// public keys and remembers what came before.
///
/// # Defaults
/// - a delivery is believed for 300 s around the time at which it was signed
/// - fal's public keys are kept for 24 h; when none fits they are fetched anew, at most once a minute
/// - the last 4096 deliveries are remembered, about half a megabyte
/// - deliveries for every fal account are believed: see [`for_user`](Self::for_user)
pub struct WebhookVerifier {
    keys: KeyRing,
    leeway: Duration,
    user_id: Option<String>,
    deliveries: Mutex<Deliveries>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl WebhookVerifier {
    /// A verifier with these public keys, a JSON Web Key Set. Nothing is fetched.
    ///
    /// # Errors
    /// [`Error::Config`] when there is no Ed25519 key in it.
    pub fn new(jwks: &[u8]) -> Result<Self, Error> {
        let none = || Error::Config(ConfigError::new("the key set for webhooks", "has no Ed25519 key"));
        Ok(Self::with_keys(KeyRing::fixed(KeySet::read(jwks).ok_or_else(none)?)))
    }

    /// A verifier that fetches fal's public keys from `/.well-known/jwks.json` of the rest host when it first needs
    /// them. The API key is not sent.
    pub fn from_client(client: &FalClient) -> Self {
        Self::with_keys(KeyRing::fetched_by(client.clone(), DAY))
    }

    fn with_keys(keys: KeyRing) -> Self {
        Self {
            keys,
            leeway: Duration::from_secs(300),
            user_id: None,
            deliveries: Mutex::new(Deliveries::new(4096)),
            clock: Arc::new(Timestamp::now),
        }
    }

    /// Believes deliveries for this fal account only. fal signs those of all its users with the same keys, so without
    /// this anybody with an account can have a true delivery of their own sent here.
    pub fn for_user(mut self, user_id: impl Into<String>) -> Self {
        self.user_id = Some(user_id.into());
        self
    }

    /// Sets for how long before and after its signing a delivery is believed; fal asks for 300 s.
    pub fn with_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Sets how long fal's public keys are kept: from a minute to the 24 h that fal allows.
    pub fn with_key_age(mut self, age: Duration) -> Self {
        self.keys.max_age = age.clamp(PAUSE, DAY);
        self
    }

    /// Sets how many deliveries are remembered.
    pub fn with_memory(mut self, deliveries: usize) -> Self {
        self.deliveries = Mutex::new(Deliveries::new(deliveries));
        self
    }

    /// Sets what tells the time. Default: the system's clock.
    pub fn with_clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Verifies one delivery: all its headers, as an [`http::HeaderMap`] or as pairs of name and value, and its body,
    /// byte for byte as it arrived.
    ///
    /// A delivery that was here before is no error: see [`WebhookEvent::freshness`]. Answer fal with a success as soon
    /// as the event is recorded; it waits 15 s. The memory is this verifier's own: what must not happen twice needs a
    /// record that outlives the process.
    ///
    /// # Errors
    /// When fal did not sign it, or not for this account, or not just now, or when that cannot be known.
    pub async fn verify<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
        body: &[u8],
    ) -> Result<WebhookEvent, WebhookError> {
        let signed = SignedHeaders::read(headers)?;
        let now = (self.clock)();
        let age = now.as_second() - signed.signed_at.as_second();
        if self.leeway.as_secs() < age.unsigned_abs() {
            return Err(WebhookError::Stale { age });
        }
        if !self.is_signed(&signed, body, now).await? {
            return Err(WebhookError::BadSignature);
        }
        if self.user_id.as_ref().is_some_and(|expected| *expected != signed.user_id) {
            return Err(WebhookError::OtherUser);
        }
        let mut event = WebhookEvent::read(&signed, body).ok_or(WebhookError::UnreadableBody)?;
        event.freshness = self.deliveries().note(&event.request_id, signed.signature);
        Ok(event)
    }

    /// Forgets a request, so that its next delivery counts as new: for an event that could not be recorded, before fal
    /// is answered with an error and delivers it again.
    pub fn forget(&self, request_id: &str) {
        self.deliveries().forget(request_id);
    }

    async fn is_signed(&self, signed: &SignedHeaders, body: &[u8], now: Timestamp) -> Result<bool, WebhookError> {
        let message = signed.message(body);
        let fits = |keys: &KeySet| keys.signed(message.as_bytes(), &signed.signature);
        let keys = self.keys.current(now).await?;
        Ok(fits(&keys) || self.keys.instead_of(&keys, now).await?.is_some_and(|keys| fits(&keys)))
    }

    fn deliveries(&self) -> MutexGuard<'_, Deliveries> {
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier")
            .field("keys", &self.keys)
            .field("leeway", &self.leeway)
            .finish_non_exhaustive()
    }
}
