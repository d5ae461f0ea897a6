//! The key stays on the configured hosts, whatever an answer or a stored handle says.

use fal_core::{
    Authorization, BreakerPolicy, Call, Error, ErrorKind, FalApi, FalClient, HostClass, Recovery, RequestHandle,
    TransportConfig,
};
use http::Method;
use serde_json::json;
use url::Url;
use wiremock::matchers::{any, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fal_at::{accepted, client, config, endpoint, input};

/// fal, and somebody else who would answer everything.
async fn fal_and_stranger() -> (MockServer, MockServer) {
    let stranger = MockServer::start().await;
    let queued = ResponseTemplate::new(200).set_body_json(json!({ "status": "IN_QUEUE", "request_id": "r-1" }));
    Mock::given(any()).respond_with(queued).mount(&stranger).await;
    (MockServer::start().await, stranger)
}

async fn assert_heard_nothing(server: &MockServer, what: &str) {
    assert_eq!(server.received_requests().await.unwrap().len(), 0, "{what}");
}

/// Addresses that look like fal's and are not, for a fal at `base`.
fn foreign(base: &str, stranger: &str) -> Vec<String> {
    let port = base.rsplit(':').next().unwrap();
    let path = "fal-ai/kling-video/requests/r-1";
    vec![
        format!("{stranger}/{path}"),
        format!("http://127.0.0.1:{}/{path}", stranger.rsplit(':').next().unwrap()),
        format!("https://127.0.0.1:{port}/{path}"),
        format!("http://localhost:{port}/{path}"),
        format!("http://key@127.0.0.1:{port}/{path}"),
        format!("http://127.0.0.1:{port}@evil.example/{path}"),
        "file:///etc/passwd".to_owned(),
        "//evil.example/".to_owned(),
        String::new(),
    ]
}

#[tokio::test]
async fn addresses_of_a_submits_answer_that_lead_elsewhere_are_built_anew() {
    let (fal, stranger) = fal_and_stranger().await;
    let client = client(&fal.uri());
    for address in foreign(&fal.uri(), &stranger.uri()) {
        fal.reset().await;
        let body =
            json!({ "request_id": "r-1", "status_url": address, "response_url": address, "cancel_url": address });
        let answer = ResponseTemplate::new(200).set_body_json(body);
        Mock::given(method("POST")).respond_with(answer).mount(&fal).await;
        let handle = client.submit(&endpoint(), &input(), &Default::default()).await.unwrap();
        assert_eq!(handle, accepted(&client), "{address}");
    }
    assert_heard_nothing(&stranger, "submit").await;
}

#[tokio::test]
async fn a_stored_handle_that_leads_elsewhere_is_refused_and_nothing_is_sent() {
    let (fal, stranger) = fal_and_stranger().await;
    let client = client(&fal.uri());
    for address in foreign(&fal.uri(), &stranger.uri()) {
        let stored = RequestHandle { status_url: address.clone(), response_url: address.clone(), ..accepted(&client) };
        for error in [client.status(&stored).await.unwrap_err(), client.result(&stored).await.unwrap_err()] {
            assert!(matches!(error, Error::UntrustedUrl), "{address}: {error:?}");
        }
    }
    assert_heard_nothing(&fal, "a foreign handle").await;
    assert_heard_nothing(&stranger, "a foreign handle").await;
}

#[tokio::test]
async fn a_call_does_not_take_the_key_to_another_host_and_may_go_there_without_it() {
    let (fal, stranger) = fal_and_stranger().await;
    let client = client_that_may_go_anywhere(&fal.uri());
    let call = || Call::new(Method::GET, HostClass::Queue, Url::parse(&stranger.uri()).unwrap());
    assert!(matches!(client.call(call()).await, Err(Error::UntrustedUrl)));
    assert_heard_nothing(&stranger, "a call with the key").await;
    client.call(call().with_authorization(Authorization::None)).await.unwrap();
    let requests = stranger.received_requests().await.unwrap();
    assert!(!requests[0].headers.contains_key("authorization"));
}

fn client_that_may_go_anywhere(base: &str) -> FalClient {
    let transport = TransportConfig { private_networks: true, ..TransportConfig::default() };
    FalClient::new(config(base).with_transport(transport)).unwrap()
}

#[tokio::test]
async fn nothing_but_a_configured_host_is_asked_in_a_private_network() {
    let (fal, stranger) = fal_and_stranger().await;
    // A breaker that one failure opens: what is refused here is no failure of fal's.
    let breaker = BreakerPolicy { failures: 1, ..BreakerPolicy::default() };
    let client = FalClient::new(config(&fal.uri()).with_breaker(breaker)).unwrap();
    let port = stranger.address().port();
    for address in [
        format!("https://127.0.0.1:{port}/v.mp4"),
        format!("https://localhost:{port}/v.mp4"),
        format!("https://films.localhost:{port}/v.mp4"),
        format!("https://[::ffff:127.0.0.1]:{port}/v.mp4"),
        format!("https://0x7f000001:{port}/v.mp4"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://[fd00:ec2::254]/latest/meta-data".to_owned(),
    ] {
        let url = Url::parse(&address).unwrap();
        let call = Call::new(Method::GET, HostClass::Cdn, url.clone()).with_authorization(Authorization::None);
        for error in [
            client.download(&address).await.unwrap_err(),
            client.call(call).await.unwrap_err(),
            client.open(Call::elsewhere(Method::HEAD, url)).await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::ForbiddenUrl), "{address}: {error:?}");
            assert_eq!(error.recovery(), Recovery::Never);
        }
    }
    assert_heard_nothing(&stranger, "an address in a private network").await;
    assert_eq!(client.breakers().snapshot(), []);
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_string("film")).mount(&fal).await;
    let film = client.download(&format!("{}/v.mp4", fal.uri())).await.unwrap();
    assert_eq!(film.body.collect(9).await.unwrap(), "film");
}

#[tokio::test]
async fn a_call_elsewhere_takes_no_key_and_is_not_in_the_clear_unless_private_networks_are_allowed() {
    let (fal, stranger) = fal_and_stranger().await;
    let elsewhere = |address: &str| Call::elsewhere(Method::GET, Url::parse(address).unwrap());
    for address in ["http://example.com/", "ftp://example.com/", &stranger.uri()] {
        let error = client(&fal.uri()).call(elsewhere(address)).await.unwrap_err();
        assert!(matches!(error, Error::ForbiddenUrl), "{address}: {error:?}");
    }
    assert_heard_nothing(&stranger, "a call in the clear").await;
    let client = client_that_may_go_anywhere(&fal.uri());
    client.call(elsewhere(&stranger.uri())).await.unwrap();
    assert!(matches!(client.call(elsewhere("http://10.0.0.1/")).await, Err(Error::ForbiddenUrl)));
    let requests = stranger.received_requests().await.unwrap();
    assert!(requests.len() == 1 && !requests[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_stranger_who_fails_opens_no_circuit() {
    let fal = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(500)).mount(&fal).await;
    let breaker = BreakerPolicy { failures: 1, ..BreakerPolicy::default() };
    let client = FalClient::new(config(&fal.uri()).with_breaker(breaker)).unwrap();
    let call = Call::elsewhere(Method::HEAD, Url::parse(&fal.uri()).unwrap());
    assert_eq!(client.call(call).await.unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(client.breakers().snapshot(), []);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    for code in [301, 302, 303, 307, 308] {
        let (fal, stranger) = fal_and_stranger().await;
        let elsewhere = ResponseTemplate::new(code).insert_header("location", format!("{}/x", stranger.uri()));
        Mock::given(any()).respond_with(elsewhere).mount(&fal).await;
        let client = client(&fal.uri());
        let handle = accepted(&client);
        let submitted = client.submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
        assert_eq!(submitted.kind(), ErrorKind::Unconfirmed, "{code}: it is no refusal");
        let file = format!("{}/v.mp4", fal.uri());
        for error in [
            client.status(&handle).await.unwrap_err(),
            client.result(&handle).await.unwrap_err(),
            client.download(&file).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::UnexpectedAnswer, "{code}");
        }
        assert_eq!(fal.received_requests().await.unwrap().len(), 4, "{code}");
        assert_heard_nothing(&stranger, "a redirect").await;
    }
}

#[tokio::test]
async fn a_file_on_another_host_is_not_read_in_the_clear() {
    let (fal, stranger) = fal_and_stranger().await;
    let client = client(&fal.uri());
    for address in ["http://evil.example/v.mp4", "ftp://127.0.0.1/v.mp4", "file:///etc/passwd", "v.mp4", ""] {
        assert!(matches!(client.download(address).await, Err(Error::UntrustedUrl)), "{address}");
    }
    let refused = client.download(&format!("{}/v.mp4", stranger.uri())).await;
    assert!(matches!(refused, Err(Error::UntrustedUrl)));
    assert_heard_nothing(&stranger, "a download").await;
}
