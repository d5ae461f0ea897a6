//! The platform API: what is asked, and what is read from the answers.

/// Which models there are, page after page.
mod models;
/// Prices, estimates, billing and usage: exact.
mod money;
/// Past requests and figures, what is open to anybody, and refusals.
mod history;

use fal_core::{EndpointId, FalClient};
use jiff::Timestamp;
use rust_decimal::Decimal;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::fal_at::client;

/// A fal that answers this path with this body.
pub(crate) async fn fal(verb: &str, address: &str, body: impl Into<String>) -> (MockServer, FalClient) {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_raw(body.into(), "application/json");
    Mock::given(method(verb)).and(path(address)).respond_with(answer).mount(&server).await;
    let client = client(&server.uri());
    (server, client)
}

/// The names and values behind the question mark of the only request.
pub(crate) async fn asked(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests[0].url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect()
}

pub(crate) fn has_key(request: &Request) -> bool {
    request.headers.get("authorization").is_some_and(|key| key == "Key key-id:s3cret")
}

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn flux() -> EndpointId {
    "fal-ai/flux/dev".parse().unwrap()
}
