//! fal's side of a webhook: signs deliveries and publishes its keys.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The request of all deliveries.
pub(crate) const REQUEST: &str = "019e1951-c778-7120-9c82-16efcf40ec82";
/// The account of all deliveries.
pub(crate) const USER: &str = "google-oauth2|1";
/// The time at which all deliveries are signed.
pub(crate) const NOW: i64 = 1_790_000_000;

/// All headers of a delivery, as pairs.
pub(crate) type Headers = Vec<(String, String)>;

/// One of fal's key pairs.
#[derive(Debug)]
pub(crate) struct Signer(Ed25519KeyPair);

impl Signer {
    pub(crate) fn new(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    /// The public half as fal publishes it.
    pub(crate) fn jwk(&self) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": BASE64URL_NOPAD.encode(self.0.public_key().as_ref()) })
    }

    /// The headers of a delivery of this body.
    pub(crate) fn sign(&self, body: &[u8]) -> Headers {
        self.sign_at(NOW, body)
    }

    pub(crate) fn sign_at(&self, seconds: i64, body: &[u8]) -> Headers {
        let message = format!("{REQUEST}\n{USER}\n{seconds}\n{}", HEXLOWER.encode(digest(&SHA256, body).as_ref()));
        let signature = HEXLOWER.encode(self.0.sign(message.as_bytes()).as_ref());
        let seconds = seconds.to_string();
        let named = [
            ("Content-Type", "application/json"),
            ("X-Fal-Webhook-Request-Id", REQUEST),
            ("X-Fal-Webhook-User-Id", USER),
            ("X-Fal-Webhook-Timestamp", &seconds),
            ("X-Fal-Webhook-Signature", &signature),
        ];
        named.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }
}

/// A key set.
pub(crate) fn jwks<'a>(signers: impl IntoIterator<Item = &'a Signer>) -> Value {
    json!({ "keys": signers.into_iter().map(Signer::jwk).collect::<Vec<_>>() })
}

/// The time at which all deliveries are signed.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}
