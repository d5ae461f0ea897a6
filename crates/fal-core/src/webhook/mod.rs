//! Webhooks: fal tells a URL that a request has ended. Nothing is believed that fal has not signed.
//!
//! Headers and body go in as they arrived, whatever the framework; a typed event comes out.

mod address;
mod headers;
mod keys;
mod deliveries;
mod event;
mod verifier;
mod error;

pub use address::WebhookAddress;
pub use error::WebhookError;
pub use event::{Freshness, WebhookEvent, WebhookFailure, WebhookOutcome};
pub use verifier::WebhookVerifier;
