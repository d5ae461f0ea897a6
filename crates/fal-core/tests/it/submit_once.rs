//! A submit that may have arrived is never sent twice.

use std::time::Duration;

use fal_core::{ErrorKind, FalApi, FalClient, Recovery, RequestOptions};
use tokio::net::TcpSocket;

use crate::fal_at::{accepted, client, endpoint, impatient, input};
use crate::raw_server::{Act, RawServer, answer};

const ACCEPTED: &str = r#"{"request_id":"r-1"}"#;

fn posts(requests: &[String]) -> usize {
    requests.iter().filter(|request| request.starts_with("POST ")).count()
}

/// Submits once and says how it ended.
async fn outcome(client: &FalClient) -> Result<String, (ErrorKind, Recovery)> {
    let result = client.submit(&endpoint(), &input(), &Default::default()).await;
    result.map(|handle| handle.request_id).map_err(|error| (error.kind(), error.recovery()))
}

/// Everything that leaves it open whether a POST was taken.
fn unclear() -> Vec<(&'static str, Act)> {
    let html = "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>";
    let json = r#"{"detail":"Internal error","error_type":"runner_scheduling_failure"}"#;
    let with_id = "x-fal-request-id: r-9\r\n";
    vec![
        ("reads the POST and closes", Act::AnswerAndClose(String::new())),
        ("half a status line", Act::AnswerAndClose("HTTP/1.1 20".to_owned())),
        ("half the headers", Act::AnswerAndClose("HTTP/1.1 200 OK\r\nx-fal-req".to_owned())),
        ("half a body", Act::AnswerAndClose("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"requ".to_owned())),
        ("not HTTP at all", Act::AnswerAndClose("SSH-2.0-OpenSSH_9.9\r\n".to_owned())),
        ("a gateway's 502", Act::Answer(answer("502 Bad Gateway", "content-type: text/html\r\n", html))),
        ("a 503 of fal's", Act::Answer(answer("503 Service Unavailable", with_id, json))),
        ("a 503 of nobody's", Act::Answer(answer("503 Service Unavailable", "", json))),
        ("a 504", Act::Answer(answer("504 Gateway Timeout", "x-fal-request-timeout-type: user\r\n", ""))),
        ("a 500", Act::Answer(answer("500 Internal Server Error", "", ""))),
        ("a 408", Act::Answer(answer("408 Request Timeout", "", ""))),
        ("a 499", Act::Answer(answer("499 Client Closed Request", "", ""))),
        ("a redirect", Act::Answer(answer("307 Temporary Redirect", "location: /elsewhere\r\n", ""))),
        ("a status that nobody knows", Act::Answer(answer("777 Lucky", "", ""))),
        ("an empty success", Act::Answer(answer("200 OK", "", ""))),
    ]
}

#[tokio::test]
async fn whenever_the_answer_is_lost_there_is_one_post_and_it_has_to_be_reconciled() {
    for (name, act) in unclear() {
        let server = RawServer::start([act]).await;
        let ended = outcome(&client(&server.base())).await;
        assert_eq!(ended, Err((ErrorKind::Unconfirmed, Recovery::Reconcile)), "{name}");
        assert_eq!(posts(&server.requests(1).await), 1, "{name}");
    }
}

#[tokio::test]
async fn a_direct_call_whose_answer_is_lost_is_one_post_too() {
    for (name, act) in unclear() {
        // With a request id a 5xx is the model's own word, and is not billed.
        let expected = match name {
            "a 503 of fal's" => (ErrorKind::Interrupted, Recovery::Later),
            _ => (ErrorKind::Unconfirmed, Recovery::Reconcile),
        };
        let server = RawServer::start([act]).await;
        let (client, options) = (client(&server.base()), RequestOptions::new());
        let run = client.run(&endpoint(), &input(), &options).await.unwrap_err();
        assert_eq!((run.kind(), run.recovery()), expected, "{name}");
        assert_eq!(posts(&server.requests(1).await), 1, "{name}");
        let stream = client.stream(&endpoint(), &input(), &options).await.unwrap_err();
        assert_eq!((stream.kind(), stream.recovery()), expected, "{name}");
        assert_eq!(posts(&server.requests(2).await), 2, "{name}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_gets_one_post() {
    for act in [Act::AnswerAndStall(String::new()), Act::AnswerAndStall("HTTP/1.1 200 OK\r\n".to_owned())] {
        let server = RawServer::start([act]).await;
        let client = impatient(&server.base(), Duration::from_millis(200), Duration::from_secs(30));
        assert_eq!(outcome(&client).await, Err((ErrorKind::Unconfirmed, Recovery::Reconcile)));
        assert_eq!(posts(&server.requests(1).await), 1);
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_before_it_is_read_is_not_made_again() {
    let server = RawServer::start([Act::Reset]).await;
    assert_eq!(outcome(&client(&server.base())).await, Err((ErrorKind::Unconfirmed, Recovery::Reconcile)));
    assert_eq!(server.connections(1).await, 1);
}

#[tokio::test]
async fn a_pooled_connection_that_dies_under_a_submit_is_not_replaced() {
    let queued = Act::Answer(answer("202 Accepted", "", r#"{"status":"IN_QUEUE","queue_position":0}"#));
    let server = RawServer::start([queued, Act::AnswerAndClose(String::new())]).await;
    let client = client(&server.base());
    client.status(&accepted(&client)).await.unwrap();
    assert_eq!(outcome(&client).await, Err((ErrorKind::Unconfirmed, Recovery::Reconcile)));
    assert_eq!(posts(&server.requests(2).await), 1);
    assert_eq!(server.connections(1).await, 1, "the submit went over the connection that was there");
}

#[tokio::test]
async fn too_many_requests_is_a_refusal_and_is_repeated() {
    let busy = Act::Answer(answer("429 Too Many Requests", "", r#"{"detail":"limit","type":"queue_full"}"#));
    let server = RawServer::start([busy.clone(), Act::Answer(answer("200 OK", "", ACCEPTED))]).await;
    assert_eq!(outcome(&client(&server.base())).await, Ok("r-1".to_owned()));
    assert_eq!(posts(&server.requests(2).await), 2);

    let server = RawServer::start([busy]).await;
    assert_eq!(outcome(&client(&server.base())).await, Err((ErrorKind::RateLimited, Recovery::Later)));
    assert_eq!(posts(&server.requests(3).await), 3);
}

#[tokio::test]
async fn a_refusal_that_is_followed_by_a_lost_answer_has_to_be_reconciled() {
    let busy = Act::Answer(answer("429 Too Many Requests", "", ""));
    let server = RawServer::start([busy, Act::AnswerAndClose(String::new())]).await;
    assert_eq!(outcome(&client(&server.base())).await, Err((ErrorKind::Unconfirmed, Recovery::Reconcile)));
    assert_eq!(posts(&server.requests(2).await), 2);
}

#[tokio::test]
async fn a_connection_that_was_never_made_is_proof_that_nothing_was_sent() {
    // Bound and not listening: the port is ours and refuses.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let refusing = format!("http://{}", socket.local_addr().unwrap());
    assert_eq!(outcome(&client(&refusing)).await, Err((ErrorKind::Unreachable, Recovery::Later)));
}

#[tokio::test]
async fn a_failed_tls_handshake_is_repeated_because_no_request_was_sent() {
    let server = RawServer::start([Act::Reset]).await;
    let client = client(&server.base_with_tls());
    assert_eq!(outcome(&client).await, Err((ErrorKind::Unreachable, Recovery::Later)));
    assert_eq!(server.connections(3).await, 3);
}

#[tokio::test]
async fn two_submits_are_two_requests_even_when_they_are_equal() {
    let first = Act::Answer(answer("200 OK", "", ACCEPTED));
    let second = Act::Answer(answer("200 OK", "", r#"{"request_id":"r-2"}"#));
    let server = RawServer::start([first, second]).await;
    let client = client(&server.base());
    let (one, other) = tokio::join!(outcome(&client), outcome(&client));
    let mut ids = [one.unwrap(), other.unwrap()];
    ids.sort();
    assert_eq!(ids, ["r-1", "r-2"]);
    assert_eq!(posts(&server.requests(2).await), 2);
}
