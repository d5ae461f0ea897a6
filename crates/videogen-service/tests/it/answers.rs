//! Answers and errors of fal, made by the real client from what fal sends.

use std::sync::Arc;

use fal_core::{
    Credentials, Delivery, Error, FalApi, FalClient, FalConfig, MockHttpTransport, QueueStatus, ResponseBody,
    RetryPolicy, TransportError,
};
use serde_json::{Value, json};

use crate::stage::handle;

/// What fal sends, or how the exchange fails.
#[derive(Debug, Clone)]
pub(crate) enum Sent {
    /// A status and a body, with fal's request id in the headers.
    Answer(u16, Value),
    /// A status and a body, from somebody between us and fal.
    Stranger(u16, &'static str),
    /// No answer.
    Nothing(Delivery),
}

/// A client that gets this one answer.
fn client(sent: &Sent) -> FalClient {
    let sent = sent.clone();
    let mut transport = MockHttpTransport::new();
    transport.expect_send().returning(move |_| {
        let answer = http::Response::builder();
        Ok(match &sent {
            Sent::Answer(status, body) => {
                let answer = answer.status(*status).header("x-fal-request-id", "r-1");
                answer.body(ResponseBody::full(body.to_string())).unwrap()
            }
            Sent::Stranger(status, body) => answer.status(*status).body(ResponseBody::full(*body)).unwrap(),
            Sent::Nothing(delivery) => return Err(TransportError::new(*delivery, "scripted")),
        })
    });
    let once = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
    let config = FalConfig::new(Credentials::key("id:s3cret").unwrap()).with_retry(once);
    FalClient::with_transport(config, Arc::new(transport))
}

/// The error of a submit that ends so.
pub(crate) async fn submit_error(sent: &Sent) -> Error {
    let endpoint = handle("r-1").endpoint_id.parse().unwrap();
    client(sent).submit(&endpoint, &json!({}), &Default::default()).await.unwrap_err()
}

/// The error of a status read that ends so.
pub(crate) async fn status_error(sent: &Sent) -> Error {
    client(sent).status(&handle("r-1")).await.unwrap_err()
}

/// The error of a result read that ends so.
pub(crate) async fn result_error(sent: &Sent) -> Error {
    client(sent).result(&handle("r-1")).await.unwrap_err()
}

/// The error of a download that ends so.
pub(crate) async fn download_error(sent: &Sent) -> Error {
    client(sent).download("https://cdn.example/out.mp4").await.unwrap_err()
}

/// A status as fal writes it.
pub(crate) async fn status(body: Value) -> QueueStatus {
    client(&Sent::Answer(200, body)).status(&handle("r-1")).await.unwrap()
}

/// The status of a request that ended without a video.
pub(crate) async fn failed() -> QueueStatus {
    status(json!({ "status": "COMPLETED", "error": "Invalid status code: 500" })).await
}

/// A field that fal refused.
pub(crate) fn refused_field(kind: &str) -> Value {
    json!({ "detail": [{ "loc": ["body", "image_url"], "msg": "No good.", "type": kind }] })
}
