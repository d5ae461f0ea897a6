//! What is printed never shows the key, a signed address or a prompt.

use std::error::Error as _;
use std::sync::Arc;

use fal_core::{
    Authorization, BreakerPolicy, Call, Credentials, Delivery, EndpointId, Error, FalApi, FalClient, HostClass, Hosts,
};
use http::{HeaderValue, Method};
use serde_json::json;
use tokio::net::TcpSocket;
use url::Url;

use crate::fal_at::{KEY, QUICK, accepted, client, config, endpoint, input, over};
use crate::raw_server::{Act, RawServer, answer};
use crate::scripted::{ScriptedTransport, answered, failed};

const PROMPT: &str = "the heiress burns her letters";
const SIGNED: &str = "X-Signature=5igned";

/// Everything that an error says of itself and of its causes.
fn said(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text} {next} {next:?}");
        cause = next.source();
    }
    text
}

fn assert_discreet(what: &str, text: &str) {
    for secret in ["s3cret", PROMPT, "5igned"] {
        assert!(!text.contains(secret), "{what} shows {secret}: {text}");
    }
}

#[tokio::test]
async fn no_error_shows_a_secret() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nobody = format!("http://{}", socket.local_addr().unwrap());
    let gone = RawServer::start([Act::AnswerAndClose(String::new())]).await;
    let refusal = json!({ "detail": [{ "loc": ["body", "prompt"], "msg": "Too short.", "type": "sequence_too_short",
        "input": PROMPT, "ctx": { "given": PROMPT, "image": SIGNED } }] });
    let refusing = RawServer::start([Act::Answer(answer("422 Unprocessable", "", &refusal.to_string()))]).await;
    let html = format!("<html>{PROMPT} {SIGNED}</html>");
    let garbling = RawServer::start([Act::Answer(answer("200 OK", "", &html))]).await;
    let input = json!({ "prompt": PROMPT, "image_url": format!("https://cdn.example/a.png?{SIGNED}") });
    let foreign = format!("http://evil.example/v.mp4?{SIGNED}");

    let at_garbling = client(&garbling.base());
    let refusing_the_key = RawServer::start([Act::Answer(answer("401 Unauthorized", "", ""))]).await;
    let with_breaker = config(&refusing_the_key.base()).with_breaker(BreakerPolicy::default());
    let at_refused_key = FalClient::new(with_breaker).unwrap();
    at_refused_key.submit(&endpoint(), &input, &Default::default()).await.unwrap_err();
    let errors = [
        ("config", Hosts::default().with(HostClass::Queue, &format!("https://u:s3cret@host/?{SIGNED}")).unwrap_err()),
        ("key", Credentials::key("key-id:s3cret\u{7f}\u{e4}").unwrap_err()),
        ("connection", client(&nobody).download(&format!("{nobody}/v.mp4?{SIGNED}")).await.unwrap_err()),
        ("broken", client(&gone.base()).download(&format!("{}/v.mp4?{SIGNED}", gone.base())).await.unwrap_err()),
        ("unreachable", client(&nobody).submit(&endpoint(), &input, &Default::default()).await.unwrap_err()),
        ("unconfirmed", client(&gone.base()).submit(&endpoint(), &input, &Default::default()).await.unwrap_err()),
        ("api", client(&refusing.base()).submit(&endpoint(), &input, &Default::default()).await.unwrap_err()),
        ("body", at_garbling.result(&accepted(&at_garbling)).await.unwrap_err()),
        ("circuit open", at_refused_key.submit(&endpoint(), &input, &Default::default()).await.unwrap_err()),
        ("untrusted", at_garbling.download(&foreign).await.unwrap_err()),
        ("forbidden", at_garbling.download(&format!("https://10.0.0.1/v.mp4?{SIGNED}")).await.unwrap_err()),
    ];
    for (what, error) in &errors {
        assert_discreet(what, &said(error));
    }
    let variant = |error: &Error| format!("{error:?}").split(['(', ' ']).next().unwrap().to_owned();
    let variants: std::collections::BTreeSet<_> = errors.iter().map(|(_, error)| variant(error)).collect();
    let all = ["Api", "Body", "CircuitOpen", "Config", "Connection", "ForbiddenUrl", "Unconfirmed", "UntrustedUrl"];
    assert_eq!(variants.iter().collect::<Vec<_>>(), all.iter().collect::<Vec<_>>(), "every variant was seen");
}

#[tokio::test]
async fn neither_calls_nor_answers_nor_settings_show_a_secret() {
    let config = config("http://127.0.0.1:1");
    assert_discreet(
        "config",
        &format!("{config:?} {:?} {:?}", config.credentials, KEY.parse::<EndpointId>().err().is_some()),
    );
    assert_discreet("client", &format!("{:?}", client("http://127.0.0.1:1")));

    let url = Url::parse(&format!("https://cdn.example/a.png?{SIGNED}")).unwrap();
    let token = Authorization::Token { scheme: "Bearer".to_owned(), token: "s3cret".to_owned().into() };
    let call = Call::new(Method::POST, HostClass::Cdn, url)
        .with_authorization(token)
        .with_body(HeaderValue::from_static("application/json"), PROMPT);
    assert_discreet("call", &format!("{call:?}"));

    let transport = Arc::new(ScriptedTransport::new([answered(200, format!("{PROMPT} {SIGNED}"))]));
    let answer = over(&transport, QUICK).call(call).await.unwrap();
    assert_discreet("answer", &format!("{answer:?}"));

    let output = json!({ "video": { "url": format!("https://cdn.example/v.mp4?{SIGNED}") }, "prompt": PROMPT });
    let transport = Arc::new(ScriptedTransport::new([answered(200, output.to_string())]));
    let client = over(&transport, QUICK);
    assert_discreet("output", &format!("{:?}", client.result(&accepted(&client)).await.unwrap()));
}

#[tokio::test]
async fn causes_are_told_once_each() {
    let transport = Arc::new(ScriptedTransport::new((0..6).map(|_| failed(Delivery::NotSent))));
    let error = over(&transport, QUICK).submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "fal's queue host at https://queue.fal.run could not be asked");
    assert_eq!(error.source().unwrap().to_string(), "scripted");
    assert!(error.source().unwrap().source().is_none());
}
