//! A delivery: no panic, and nothing unsigned is believed.
#![no_main]

use fal_core::webhook::{WebhookError, WebhookVerifier};
use fal_core_fuzz::run;
use libfuzzer_sys::fuzz_target;

/// A key that nobody has the other half of.
const KEYS: &[u8] = br#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
const HEADERS: [&str; 4] =
    ["x-fal-webhook-request-id", "x-fal-webhook-user-id", "x-fal-webhook-timestamp", "x-fal-webhook-signature"];

fuzz_target!(|input: ([Vec<u8>; 4], Vec<u8>, Option<Vec<u8>>)| {
    let (values, body, other_keys) = input;
    let headers = HEADERS.into_iter().zip(values).map(|(name, value)| (name.to_owned(), value));
    let verifier = WebhookVerifier::new(KEYS).ok();
    let result = verifier.and_then(|verifier| run(async { verifier.verify(headers, &body).await }));
    let believed = matches!(result, Some(Ok(_) | Err(WebhookError::UnreadableBody | WebhookError::OtherUser)));
    assert!(!believed);
    if let Some(keys) = other_keys {
        let _ = WebhookVerifier::new(&keys);
    }
});
