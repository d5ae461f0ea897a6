//! Whatever fal answers, there is no panic, and only proof counts as a refusal.

use std::sync::Arc;

use bytes::Bytes;
use fal_core::{Delivery, Error, FalApi, Recovery, ResponseBody, RetryPolicy, TransportError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fal_at::{accepted, endpoint, input, over};
use crate::scripted::{Exchange, ScriptedTransport};

/// Any bytes, any JSON, and JSON that looks like fal's.
pub(crate) fn body() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("IN_QUEUE")),
        Just(json!("COMPLETED")),
        Just(json!("OK")),
        Just(json!("ERROR")),
        Just(json!(["body", 0, null])),
    ];
    let name = prop_oneof![
        Just("detail"),
        Just("error"),
        Just("type"),
        Just("error_type"),
        Just("loc"),
        Just("msg"),
        Just("message"),
        Just("status"),
        Just("logs"),
        Just("queue_position"),
        Just("request_id"),
        Just("status_url"),
        Just("payload"),
        Just("payload_error"),
        Just("keys"),
        Just("items"),
        Just("json_input"),
        Just("sent_at"),
        Just("next_cursor"),
        Just("has_more"),
    ];
    let json = leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())),
        ]
    });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..200), json.prop_map(|value| value.to_string().into_bytes()),]
}

/// Any status, any headers that fal sends, any body, whole or cut off.
fn exchange() -> impl Strategy<Value = (u16, Option<String>, Vec<u8>, bool)> {
    (prop_oneof![200u16..=599, 600u16..=999], prop::option::of("[ -~]{0,20}"), body(), any::<bool>())
}

fn scripted(status: u16, header: Option<&str>, body: &[u8], cut: bool) -> Exchange {
    let mut pieces = vec![Ok(Bytes::copy_from_slice(body))];
    pieces.extend(cut.then(|| Err(TransportError::new(Delivery::Unknown, "cut"))));
    let mut answer = http::Response::builder().status(status);
    for name in ["x-fal-request-id", "x-fal-billable-units", "x-fal-error-type", "x-fal-request-timeout-type"] {
        answer = header.into_iter().fold(answer, |answer, value| answer.header(name, value));
    }
    Ok(answer.body(ResponseBody::new(futures::stream::iter(pieces))).unwrap())
}

fn look_at(error: &Error) {
    let said = format!("{error} {error:?} {:?} {:?}", error.kind(), error.request_id());
    assert!(!said.is_empty() && !error.advice().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_read_without_a_panic((status, header, body, cut) in exchange()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let once = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
        let transport = Arc::new(ScriptedTransport::new(
            (0..3).map(|_| scripted(status, header.as_deref(), &body, cut)),
        ));
        let client = over(&transport, once);
        runtime.block_on(async {
            let handle = accepted(&client);
            client.status(&handle).await.iter().for_each(|status| assert!(!format!("{status:?}").is_empty()));
            if let Err(error) = client.result(&handle).await {
                look_at(&error);
            }
            match client.submit(&endpoint(), &input(), &Default::default()).await {
                Ok(handle) => {
                    assert!((200..=299).contains(&status), "{status} is no acceptance");
                    assert!(handle.status_url.starts_with("https://queue.fal.run/"), "{handle:?}");
                }
                Err(error) => {
                    look_at(&error);
                    let refused = (400..=498).contains(&status) && status != 408 && !cut;
                    assert_eq!(error.recovery() != Recovery::Reconcile, refused, "{status} {error:?}");
                }
            }
        });
    }
}
