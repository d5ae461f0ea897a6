//! Whatever is delivered, there is no panic, and only what is signed is believed.

use fal_core::webhook::{WebhookError, WebhookEvent, WebhookVerifier};
use proptest::prelude::*;
use serde_json::Value;

use crate::any_answer::body;
use crate::signer::{Headers, NOW, REQUEST, Signer, USER, jwks, now};

fn verify(headers: impl IntoIterator<Item = (String, Vec<u8>)>, body: &[u8]) -> Result<WebhookEvent, WebhookError> {
    let verifier = WebhookVerifier::new(jwks(&[Signer::new(1)]).to_string().as_bytes()).unwrap().with_clock(now);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let result = runtime.block_on(verifier.verify(headers, body));
    match &result {
        Ok(event) => assert!(!format!("{event:?}").is_empty()),
        Err(error) => assert!(!format!("{error} {error:?} {}", error.status()).is_empty()),
    }
    result
}

/// Whether the signature was taken for fal's, whatever came of the body.
fn believed(result: &Result<WebhookEvent, WebhookError>) -> bool {
    matches!(result, Ok(_) | Err(WebhookError::UnreadableBody | WebhookError::OtherUser))
}

fn bytes(headers: Headers) -> Vec<(String, Vec<u8>)> {
    headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect()
}

/// A header that is missing, right in form, or anything.
fn header(name: &'static str, formed: &'static str) -> impl Strategy<Value = Option<(String, Vec<u8>)>> {
    let value = prop_oneof![
        proptest::string::string_regex(formed).unwrap().prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..140),
    ];
    prop::option::weighted(0.9, value.prop_map(move |value| (name.to_owned(), value)))
}

fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let named = (
        header("x-fal-webhook-request-id", "[0-9a-f-]{36}"),
        header("x-fal-webhook-user-id", "[a-z0-9|-]{1,30}"),
        header("x-fal-webhook-timestamp", "17(90000[0-2]|89999[7-9])[0-9]{2}0"),
        header("x-fal-webhook-signature", "[0-9a-f]{128}"),
    );
    named.prop_map(|(a, b, c, d)| [a, b, c, d].into_iter().flatten().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_unsigned_is_believed(headers in headers(), body in body()) {
        prop_assert!(!believed(&verify(headers, &body)));
    }

    #[test]
    fn a_signature_fits_one_delivery_alone(
        body in body(),
        other in body(),
        shift in -300i64..=300,
        field in 1usize..=4,
        at in any::<prop::sample::Index>(),
        flip in 1u8..=255,
    ) {
        let signed = Signer::new(1).sign_at(NOW + shift, &body);
        prop_assert_eq!(believed(&verify(bytes(signed.clone()), &other)), other == body);
        let mut changed = bytes(signed);
        let value = &mut changed[field].1;
        let at = at.index(value.len());
        value[at] ^= flip;
        // A hexadecimal digit may change its case: it is the same signature.
        let same = field == 4 && flip == 0x20 && value[at].is_ascii_hexdigit();
        prop_assert_eq!(believed(&verify(changed, &body)), same);
    }

    #[test]
    fn every_signed_body_is_read_or_refused_as_unreadable(body in body()) {
        match verify(bytes(Signer::new(1).sign(&body)), &body) {
            Ok(event) => {
                let json: Value = serde_json::from_slice(&body).unwrap();
                prop_assert!(json["status"].is_string());
                prop_assert_eq!(event.user_id, USER);
                prop_assert_eq!(event.request_id, json["request_id"].as_str().unwrap_or(REQUEST));
            }
            Err(error) => prop_assert!(matches!(error, WebhookError::UnreadableBody), "{:?}", error),
        }
    }

    #[test]
    fn any_key_set_is_read_or_refused(jwks in body()) {
        if WebhookVerifier::new(&jwks).is_ok() {
            let json: Value = serde_json::from_slice(&jwks).unwrap();
            prop_assert!(json["keys"][0].is_object());
        }
    }
}
