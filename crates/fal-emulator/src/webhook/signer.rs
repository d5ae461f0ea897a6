//! Signs deliveries as fal does: Ed25519 over the request id, the user id, the time and the hash of the body.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The account that every request of an emulator belongs to.
const USER_ID: &str = "emulator-user";

/// A key pair.
pub(super) struct Signer {
    key: Ed25519KeyPair,
}

impl Signer {
    /// A fresh key; `None` where the system gives no random numbers.
    pub(super) fn generate() -> Option<Self> {
        Ed25519KeyPair::generate().ok().map(|key| Self { key })
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
