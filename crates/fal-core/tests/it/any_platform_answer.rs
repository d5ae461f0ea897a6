//! Whatever the platform API answers, there is no panic, and half a list never passes for the whole.

use std::sync::Arc;

use bytes::Bytes;
use fal_core::platform::ModelQuery;
use fal_core::{Error, ErrorKind, ErrorType, FalClient, LostSubmit, Recovery, Rescue, ResponseBody, RetryPolicy};
use futures::TryStreamExt;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::any_answer::body;
use crate::fal_at::{endpoint, input, over};
use crate::scripted::ScriptedTransport;
use crate::signer::now;

/// A client whose next calls are all answered so.
fn answered_with(status: u16, body: &[u8], calls: usize) -> FalClient {
    let once = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
    let answer = || {
        let body = ResponseBody::full(Bytes::copy_from_slice(body));
        Ok(http::Response::builder().status(status).body(body).unwrap())
    };
    over(&Arc::new(ScriptedTransport::new((0..calls).map(|_| answer()))), once)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// fal's own error envelope, with anything in it.
fn envelope() -> impl Strategy<Value = Value> {
    let text = || prop_oneof![".{0,20}".prop_map(Value::from), Just(Value::Null), any::<i64>().prop_map(Value::from)];
    (text(), text(), text())
        .prop_map(|(kind, message, id)| json!({ "error": { "type": kind, "message": message, "request_id": id } }))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_answer_is_read_without_a_panic(status in 200u16..=999, body in body()) {
        run(async {
            let models: Result<Vec<_>, Error> =
                answered_with(status, &body, 2).platform().models(ModelQuery::new()).try_collect().await;
            assert!(models.is_err() || (200..=299).contains(&status));
            let platform = answered_with(status, &body, 3).platform();
            let prices = platform.prices(&[endpoint()]).await;
            assert!(prices.is_err() || (200..=299).contains(&status));
            assert!(platform.openapi(&endpoint()).await.is_err() || (200..=299).contains(&status));
        });
    }

    #[test]
    fn a_submit_is_only_found_in_a_history_that_has_it(status in 200u16..=999, body in body()) {
        let lost = LostSubmit::new(endpoint(), input(), now(), now());
        match run(answered_with(status, &body, 2).rescue(&lost, now())) {
            Rescue::Found(handle) => prop_assert!(false, "{:?}", handle),
            Rescue::NotFound { .. } | Rescue::Ambiguous(_) => prop_assert!((200..=299).contains(&status)),
            Rescue::Unavailable(error) => prop_assert!(!error.advice().is_empty()),
        }
    }

    #[test]
    fn every_error_envelope_keeps_what_can_be_read(status in 400u16..=599, body in envelope()) {
        let error = run(answered_with(status, body.to_string().as_bytes(), 1).platform().openapi(&endpoint())).unwrap_err();
        let Error::Api(api) = &error else { return Err(TestCaseError::fail(format!("{error:?}"))) };
        prop_assert_eq!(api.error_type().map(ErrorType::as_str), body["error"]["type"].as_str());
        prop_assert_eq!(error.request_id(), body["error"]["request_id"].as_str());
        let message = body["error"]["message"].as_str().unwrap_or_default();
        prop_assert!(error.to_string().ends_with(message));
        prop_assert!(error.kind() != ErrorKind::Unconfirmed && error.recovery() != Recovery::Reconcile);
    }
}
