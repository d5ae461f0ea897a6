//! fal's public keys: fetched once, kept, fetched anew when none fits.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use fal_core::webhook::{WebhookError, WebhookEvent, WebhookVerifier};
use futures::future::join_all;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fal_at::client;
use crate::signer::{NOW, Signer, jwks};

/// A verifier that fetches its keys from a rest host, and a clock to turn.
struct Receiver {
    rest: MockServer,
    verifier: WebhookVerifier,
    clock: Arc<AtomicI64>,
}

impl Receiver {
    async fn start(answer: ResponseTemplate) -> Self {
        let rest = MockServer::start().await;
        let clock = Arc::new(AtomicI64::new(NOW));
        let hand = Arc::clone(&clock);
        let verifier = WebhookVerifier::from_client(&client(&rest.uri()))
            .with_clock(move || Timestamp::from_second(hand.load(Ordering::SeqCst)).unwrap());
        let receiver = Self { rest, verifier, clock };
        receiver.publish(answer).await;
        receiver
    }

    async fn publish(&self, answer: ResponseTemplate) {
        self.rest.reset().await;
        let address = path("/.well-known/jwks.json");
        Mock::given(method("GET")).and(address).respond_with(answer).mount(&self.rest).await;
    }

    /// A delivery that is signed at the time of the clock.
    async fn receive(&self, signer: u8) -> Result<WebhookEvent, WebhookError> {
        let body = json!({ "status": "OK", "payload": {} }).to_string().into_bytes();
        let headers = Signer::new(signer).sign_at(self.clock.load(Ordering::SeqCst), &body);
        self.verifier.verify(headers, &body).await
    }

    fn wait(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// How often the keys were asked for since they were last published.
    async fn fetches(&self) -> usize {
        self.rest.received_requests().await.unwrap().len()
    }
}

fn keys(signers: &[u8]) -> ResponseTemplate {
    let signers: Vec<_> = signers.iter().map(|seed| Signer::new(*seed)).collect();
    ResponseTemplate::new(200).set_body_json(jwks(&signers))
}

fn is_bad(result: &Result<WebhookEvent, WebhookError>) -> bool {
    matches!(result, Err(WebhookError::BadSignature))
}

#[tokio::test]
async fn a_crowd_of_deliveries_fetches_the_keys_once_and_without_the_api_key() {
    let receiver = Receiver::start(keys(&[1]).set_delay(Duration::from_millis(50))).await;
    let results = join_all((0..20).map(|_| receiver.receive(1))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let requests = receiver.rest.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    assert!(!requests[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn keys_are_kept_for_a_day() {
    let receiver = Receiver::start(keys(&[1])).await;
    for (wait, fetches) in [(0, 1), (3600, 1), (82_799, 1), (1, 2), (60, 2), (-7200, 3)] {
        receiver.wait(wait);
        assert!(receiver.receive(1).await.is_ok(), "{wait}");
        assert_eq!(receiver.fetches().await, fetches, "{wait}");
    }
}

#[tokio::test]
async fn how_long_keys_are_kept_can_be_set_within_what_fal_allows() {
    let day = 86_400;
    for (set, kept) in [(Duration::from_secs(3600), 3600), (Duration::from_secs(7 * 86_400), day), (Duration::ZERO, 60)]
    {
        let mut receiver = Receiver::start(keys(&[1])).await;
        receiver.verifier = receiver.verifier.with_key_age(set);
        for (wait, fetches) in [(0, 1), (kept - 1, 1), (1, 2)] {
            receiver.wait(wait);
            assert!(receiver.receive(1).await.is_ok());
            assert_eq!(receiver.fetches().await, fetches, "{set:?} {wait}");
        }
    }
}

#[tokio::test]
async fn changed_keys_are_fetched_when_none_fits() {
    let receiver = Receiver::start(keys(&[1])).await;
    assert!(receiver.receive(1).await.is_ok());
    receiver.publish(keys(&[1, 2])).await;
    receiver.wait(60);
    assert!(receiver.receive(2).await.is_ok());
    assert!(receiver.receive(1).await.is_ok());
    assert_eq!(receiver.fetches().await, 1);
}

#[tokio::test]
async fn forgeries_make_the_keys_be_fetched_once_a_minute_at_most() {
    let receiver = Receiver::start(keys(&[1])).await;
    for _ in 0..10 {
        assert!(is_bad(&receiver.receive(9).await));
    }
    assert_eq!(receiver.fetches().await, 1, "those that were just fetched are good enough");
    receiver.wait(59);
    assert!(is_bad(&receiver.receive(9).await));
    assert_eq!(receiver.fetches().await, 1);
    receiver.wait(1);
    let results = join_all((0..10).map(|_| receiver.receive(9))).await;
    assert!(results.iter().all(is_bad), "{results:?}");
    assert_eq!(receiver.fetches().await, 2);
}

#[tokio::test]
async fn nothing_is_fetched_for_what_cannot_be_believed_anyway() {
    let receiver = Receiver::start(keys(&[1])).await;
    let body = br#"{"status":"OK"}"#;
    let stale = receiver.verifier.verify(Signer::new(1).sign_at(NOW - 999, body), body).await;
    assert!(matches!(stale, Err(WebhookError::Stale { .. })));
    let bare = receiver.verifier.verify([("content-type", "application/json")], body).await;
    assert!(matches!(bare, Err(WebhookError::MissingHeader(_))));
    assert_eq!(receiver.fetches().await, 0);
}

#[tokio::test]
async fn without_keys_nothing_is_believed_and_fal_is_asked_to_come_again() {
    for answer in [
        ResponseTemplate::new(500),
        ResponseTemplate::new(404),
        ResponseTemplate::new(200).set_body_string("<html>"),
        ResponseTemplate::new(200).set_body_json(json!({ "keys": [] })),
    ] {
        let receiver = Receiver::start(answer.clone()).await;
        for asked_before in [false, true] {
            let error = receiver.receive(1).await.unwrap_err();
            assert!(matches!(error, WebhookError::KeysUnavailable { .. }), "{error:?}");
            assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(!asked_before || error.source().is_none(), "{error:?}");
        }
        assert_eq!(receiver.fetches().await, 1, "a host in trouble is not asked again at once");
        receiver.publish(keys(&[1])).await;
        receiver.wait(60);
        assert!(receiver.receive(1).await.is_ok());
    }
}

#[tokio::test]
async fn keys_that_are_too_old_are_not_used_when_there_are_no_others() {
    let receiver = Receiver::start(keys(&[1])).await;
    assert!(receiver.receive(1).await.is_ok());
    receiver.publish(ResponseTemplate::new(500)).await;
    receiver.wait(86_399);
    assert!(receiver.receive(1).await.is_ok());
    receiver.wait(1);
    assert!(matches!(receiver.receive(1).await, Err(WebhookError::KeysUnavailable { source: Some(_) })));
}
