//! Cancelling: four answers, and a second try costs nothing.

use fal_core::{Cancellation, FalApi};
use fal_emulator::captures::{Capture, cancel, refusal};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fal_at::{accepted, client};
use crate::raw_server::{Act, RawServer, answer};

async fn answering(capture: &Capture) -> (MockServer, Cancellation) {
    let server = MockServer::start().await;
    let status = capture.status.expect("is an answer");
    let answer = ResponseTemplate::new(status).set_body_raw(capture.body, "application/json");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = client(&server.uri());
    let cancellation = client.cancel(&accepted(&client)).await.unwrap();
    (server, cancellation)
}

#[tokio::test]
async fn each_of_fals_answers_is_one_of_four() {
    for (capture, expected) in [
        (cancel::REMOVED, Cancellation::Removed),
        (cancel::REQUESTED, Cancellation::Requested),
        (cancel::TOO_LATE, Cancellation::TooLate),
        (refusal::NOT_FOUND, Cancellation::Unknown),
    ] {
        let (server, cancellation) = answering(&capture).await;
        assert_eq!(cancellation, expected, "{}", capture.name);
        let requests = server.received_requests().await.unwrap();
        let [request] = requests.as_slice() else { panic!("{requests:?}") };
        assert_eq!((request.method.as_str(), request.url.path()), ("PUT", "/fal-ai/kling-video/requests/r-1/cancel"));
        assert!(request.headers.contains_key("authorization") && request.body.is_empty());
    }
}

#[tokio::test]
async fn a_cancellation_whose_answer_was_lost_is_sent_again() {
    let late = answer("400 Bad Request", "", r#"{"status":"ALREADY_COMPLETED"}"#);
    let server = RawServer::start([Act::AnswerAndClose(String::new()), Act::Answer(late)]).await;
    let client = client(&server.base());
    assert_eq!(client.cancel(&accepted(&client)).await.unwrap(), Cancellation::TooLate);
    assert_eq!(server.requests(2).await.len(), 2);
}

#[tokio::test]
async fn an_address_elsewhere_gets_no_key() {
    let server = RawServer::start([Act::Answer(answer("202 Accepted", "", ""))]).await;
    let client = client("http://127.0.0.1:1");
    let mut handle = accepted(&client);
    handle.cancel_url = format!("{}/fal-ai/kling-video/requests/r-1/cancel", server.base());
    client.cancel(&handle).await.unwrap_err();
    assert_eq!(server.connections(0).await, 0);
}
