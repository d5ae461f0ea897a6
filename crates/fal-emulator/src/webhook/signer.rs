//! Signs deliveries as fal does: Ed25519 over the request id, the user id, the time and the hash of the body.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::secret::Secret;

/// The account that every request of an emulator belongs to.
const USER_ID: &str = "emulator-user";

/// A key pair.
pub(super) struct Signer {
    key: Ed25519KeyPair,
}

impl Signer {
    /// The key that follows from this secret.
    pub(super) fn of(secret: &Secret) -> Result<Self, KeyRejected> {
        Ed25519KeyPair::from_seed_unchecked(secret).map(|key| Self { key })
    }

    /// The public key as a JSON Web Key Set (RFC 8037).
    pub(super) fn jwks(&self) -> Value {
        let x = BASE64URL_NOPAD.encode(self.key.public_key().as_ref());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig", "alg": "EdDSA" }] })
    }

    /// The four headers of a delivery.
    pub(super) fn headers(&self, request_id: &str, at: Timestamp, body: &[u8]) -> [(&'static str, String); 4] {
        let timestamp = at.as_second().to_string();
        let hash = HEXLOWER.encode(digest(&SHA256, body).as_ref());
        let message = format!("{request_id}\n{USER_ID}\n{timestamp}\n{hash}");
        let signature = HEXLOWER.encode(self.key.sign(message.as_bytes()).as_ref());
        [
            ("x-fal-webhook-request-id", request_id.to_owned()),
            ("x-fal-webhook-user-id", USER_ID.to_owned()),
            ("x-fal-webhook-timestamp", timestamp),
            ("x-fal-webhook-signature", signature),
        ]
    }
}
