//! A submit that was accepted and whose answer cannot be read: its request id must not be lost.

use std::time::Duration;

use fal_core::{ErrorKind, FalApi, Recovery};

use crate::fal_at::{accepted, client, endpoint, impatient, input};
use crate::raw_server::{Act, RawServer, answer};

const ID: &str = "x-fal-request-id: r-1\r\n";

/// Successes of which nothing but the header can be read.
fn unreadable(header: &str) -> Vec<(&'static str, Act)> {
    let whole = |body: &str| Act::Answer(answer("200 OK", header, body));
    let cut = format!("HTTP/1.1 200 OK\r\n{header}content-length: 99\r\n\r\n{{\"request_id\":\"r-");
    vec![
        ("HTML", whole("<html>welcome</html>")),
        ("nothing", whole("")),
        ("no id", whole(r#"{"status":"IN_QUEUE"}"#)),
        ("an id that is a number", whole(r#"{"request_id":1}"#)),
        ("a list", whole("[]")),
        ("a body that is cut off", Act::AnswerAndClose(cut.clone())),
        ("a body that stalls", Act::AnswerAndStall(cut)),
    ]
}

#[tokio::test]
async fn the_header_names_the_request_when_the_body_does_not() {
    for (name, act) in unreadable(ID) {
        let server = RawServer::start([act]).await;
        let client = impatient(&server.base(), Duration::from_secs(1), Duration::from_secs(9));
        let handle = client
            .submit(&endpoint(), &input(), &Default::default())
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(handle, accepted(&client), "{name}");
        assert_eq!(server.requests(1).await.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn without_any_request_id_it_has_to_be_reconciled() {
    for (name, act) in unreadable("") {
        let server = RawServer::start([act]).await;
        let client = impatient(&server.base(), Duration::from_secs(1), Duration::from_secs(9));
        let error = client.submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
        assert_eq!((error.kind(), error.recovery()), (ErrorKind::Unconfirmed, Recovery::Reconcile), "{name}");
        assert_eq!(server.requests(1).await.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_request_id_that_could_lead_elsewhere_is_not_followed() {
    for id in ["../../../admin", "a/b", "a?b", "", "r 1"] {
        let server =
            RawServer::start([Act::Answer(answer("200 OK", "", &format!(r#"{{"request_id":"{id}"}}"#)))]).await;
        let error = client(&server.base()).submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
        assert_eq!(error.recovery(), Recovery::Reconcile, "{id:?}");
    }
}

#[tokio::test]
async fn a_fault_that_names_a_request_keeps_its_id_for_whoever_looks() {
    let server = RawServer::start([Act::Answer(answer("503 Service Unavailable", ID, "{}"))]).await;
    let error = client(&server.base()).submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::Unconfirmed, Some("r-1")));
}
