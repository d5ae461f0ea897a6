//! Webhooks: told of the end, signed, and told again until somebody listens.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use fal_emulator::{Emulator, Fault, FaultRule, Pace};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::client::{Caller, KLING, fast};

type Message = (HeaderMap, Bytes);

/// A listener that answers with the given statuses, one after the other, and then with 200.
pub(crate) struct Hook {
    pub(crate) url: String,
    messages: mpsc::UnboundedReceiver<Message>,
}

#[derive(Clone)]
struct Script {
    statuses: Arc<Mutex<VecDeque<u16>>>,
    sent: mpsc::UnboundedSender<Message>,
}

impl Hook {
    pub(crate) async fn answering(statuses: &[u16]) -> Self {
        let (sent, messages) = mpsc::unbounded_channel();
        let script = Script { statuses: Arc::new(Mutex::new(statuses.iter().copied().collect())), sent };
        let routes = Router::new().route("/hook", post(take)).with_state(script);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let url = format!("http://{}/hook?attempt=1", listener.local_addr().expect("has one"));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, messages }
    }

    pub(crate) async fn next(&mut self) -> (HeaderMap, Bytes, Value) {
        let (headers, body) = self.messages.recv().await.expect("comes");
        let parsed = serde_json::from_slice(&body).expect("is JSON");
        (headers, body, parsed)
    }
}

async fn take(State(script): State<Script>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let _ = script.sent.send((headers, body));
    let next = script.statuses.lock().expect("no other thread").pop_front();
    StatusCode::from_u16(next.unwrap_or(200)).expect("is a status")
}

async fn submit(caller: &Caller, emulator: &Emulator, hook: &str) -> Value {
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("fal_webhook", hook).finish();
    caller.submit(emulator, &format!("{KLING}?{query}"), &json!({ "prompt": "x" })).await
}

/// Whether the message was signed by the emulator, as fal documents it.
async fn is_signed(caller: &Caller, emulator: &Emulator, headers: &HeaderMap, body: &[u8]) -> bool {
    let keys: Value =
        caller.get(&format!("{}/.well-known/jwks.json", emulator.urls().rest)).await.json().await.expect("is JSON");
    let key = BASE64URL_NOPAD.decode(keys["keys"][0]["x"].as_str().expect("has one").as_bytes()).expect("is base64url");
    let header = |name: &str| headers[name].to_str().expect("is text");
    let message = format!(
        "{}\n{}\n{}\n{}",
        header("x-fal-webhook-request-id"),
        header("x-fal-webhook-user-id"),
        header("x-fal-webhook-timestamp"),
        HEXLOWER.encode(digest(&SHA256, body).as_ref()),
    );
    let signature = HEXLOWER.decode(header("x-fal-webhook-signature").as_bytes()).expect("is hexadecimal");
    UnparsedPublicKey::new(&ED25519, key).verify(message.as_bytes(), &signature).is_ok()
}

#[tokio::test]
async fn the_end_of_a_request_is_told_with_a_signature_that_holds() {
    let (emulator, caller, mut hook) = (fast().await, Caller::new(), Hook::answering(&[]).await);
    let submitted = submit(&caller, &emulator, &hook.url).await;
    let (headers, body, message) = hook.next().await;
    assert_eq!(message["request_id"], submitted["request_id"]);
    assert_eq!((&message["status"], &message["error"]), (&json!("ERROR"), &json!("Invalid status code: 422")));
    assert_eq!(message["payload"]["detail"][0]["loc"], json!(["body", "image_url"]));
    assert!(is_signed(&caller, &emulator, &headers, &body).await);
    assert!(!is_signed(&caller, &emulator, &headers, b"{}").await);
}

#[tokio::test]
async fn a_refused_message_is_sent_again_and_a_redirect_is_the_end_of_it() {
    let (emulator, caller, mut hook) = (fast().await, Caller::new(), Hook::answering(&[500, 404, 302]).await);
    submit(&caller, &emulator, &hook.url).await;
    for _ in 0..3 {
        hook.next().await;
    }
    // A second request's message comes next: nothing more is said of the first.
    let second = submit(&caller, &emulator, &hook.url).await;
    assert_eq!(hook.next().await.2["request_id"], second["request_id"]);
    let deliveries = emulator.webhook_deliveries();
    let tries: Vec<_> = deliveries.iter().map(|delivery| (delivery.attempt, delivery.status)).collect();
    assert_eq!(tries[..3], [(0, Some(500)), (1, Some(404)), (2, Some(302))]);
}

#[tokio::test]
async fn a_request_that_is_cancelled_in_line_is_told_too() {
    let (caller, mut hook) = (Caller::new(), Hook::answering(&[]).await);
    let builder = Emulator::builder().pace(Pace::Fast).runners(0);
    let emulator = builder.start().await.expect("starts");
    let submitted = submit(&caller, &emulator, &hook.url).await;
    assert_eq!(caller.put(submitted["cancel_url"].as_str().expect("has one")).await.status(), 202);
    assert_eq!(hook.next().await.2["error"], "Invalid status code: 499");
}

#[tokio::test]
async fn a_fault_can_tell_it_twice_and_forge_a_message_that_does_not_verify() {
    let (emulator, caller, mut hook) = (fast().await, Caller::new(), Hook::answering(&[]).await);
    emulator.faults().add(FaultRule::new(Fault::DuplicateWebhook));
    submit(&caller, &emulator, &hook.url).await;
    let (first, second) = (hook.next().await, hook.next().await);
    assert_eq!(first.2, second.2);
    emulator.faults().clear();
    emulator.faults().add(FaultRule::new(Fault::ForgedWebhook));
    submit(&caller, &emulator, &hook.url).await;
    let (forged, real) = (hook.next().await, hook.next().await);
    assert_eq!((&forged.2["request_id"], &forged.2["status"]), (&real.2["request_id"], &json!("OK")));
    assert!(!is_signed(&caller, &emulator, &forged.0, &forged.1).await);
    assert!(is_signed(&caller, &emulator, &real.0, &real.1).await);
}
