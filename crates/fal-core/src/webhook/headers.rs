//! The four headers that sign a delivery.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use jiff::Timestamp;

use super::WebhookError;

const REQUEST_ID: &str = "X-Fal-Webhook-Request-Id";
const USER_ID: &str = "X-Fal-Webhook-User-Id";
const TIMESTAMP: &str = "X-Fal-Webhook-Timestamp";
const SIGNATURE: &str = "X-Fal-Webhook-Signature";

/// An Ed25519 signature.
pub(crate) type Signature = [u8; 64];

/// What the four headers say; not yet believed.
pub(crate) struct SignedHeaders {
    pub(crate) request_id: String,
    pub(crate) user_id: String,
    timestamp: String,
    pub(crate) signed_at: Timestamp,
    pub(crate) signature: Signature,
}

impl SignedHeaders {
    /// Finds the four among all headers; of one that comes twice, the first counts.
    pub(crate) fn read<N: AsRef<str>, V: AsRef<[u8]>>(
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, WebhookError> {
        let mut found: [(&'static str, Option<V>); 4] = [REQUEST_ID, USER_ID, TIMESTAMP, SIGNATURE].map(|n| (n, None));
        for (name, value) in headers {
            let wanted = |slot: &&mut (&str, Option<V>)| slot.1.is_none() && slot.0.eq_ignore_ascii_case(name.as_ref());
            if let Some(slot) = found.iter_mut().find(wanted) {
                slot.1 = Some(value);
            }
        }
        let [request_id, user_id, timestamp, signature] = found.map(visible);
        let (request_id, user_id, timestamp, signature) = (request_id?, user_id?, timestamp?, signature?);
        let signed_at = timestamp.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        let signature = HEXLOWER_PERMISSIVE.decode(signature.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        Ok(Self {
            request_id,
            user_id,
            timestamp,
            signed_at: signed_at.ok_or(WebhookError::MalformedHeader(TIMESTAMP))?,
            signature: signature.ok_or(WebhookError::MalformedHeader(SIGNATURE))?,
        })
    }

    /// What fal signs: the headers as they were written, and the body by its hash.
    pub(crate) fn message(&self, body: &[u8]) -> String {
        let hash = HEXLOWER.encode(digest(&SHA256, body).as_ref());
        [&self.request_id, &self.user_id, &self.timestamp, &hash].map(String::as_str).join("\n")
    }
}

/// A header's text: visible ASCII, without the line ends that part the message.
fn visible<V: AsRef<[u8]>>((name, value): (&'static str, Option<V>)) -> Result<String, WebhookError> {
    let value = value.ok_or(WebhookError::MissingHeader(name))?;
    let bytes = value.as_ref();
    let plain = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_graphic);
    let text = std::str::from_utf8(bytes).ok().filter(|_| plain);
    text.map(str::to_owned).ok_or(WebhookError::MalformedHeader(name))
}
