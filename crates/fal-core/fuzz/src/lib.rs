//! A fal of which every byte is the fuzzer's.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use fal_core::{
    Credentials, EndpointId, Error, FalApi, FalClient, FalConfig, HttpTransport, RequestHandle, ResponseBody,
    RetryPolicy, TransportError,
};
use http::{Request, Response};

/// Gives one answer after the other, the last one again and again.
#[derive(Debug)]
pub struct Answers(Mutex<Vec<Answer>>);

/// An answer, its body in pieces.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Its status, from 100 to 999.
    pub status: u16,
    /// Names and values; one that cannot be a header is left out.
    pub headers: Vec<(&'static str, Vec<u8>)>,
    /// What its body comes in.
    pub pieces: Vec<Vec<u8>>,
}

#[async_trait::async_trait]
impl HttpTransport for Answers {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<ResponseBody>, TransportError> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = if answers.len() == 1 { answers[0].clone() } else { answers.remove(0) };
        let pieces = answer.pieces.into_iter().map(|piece| Ok(Bytes::from(piece)));
        let mut response = Response::new(ResponseBody::new(futures::stream::iter(pieces)));
        *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
        for (name, value) in answer.headers {
            if let Ok(value) = value.try_into() {
                response.headers_mut().insert(name, value);
            }
        }
        Ok(response)
    }
}

/// A client of a fal that gives these answers.
///
/// # Errors
/// None: the key is well-formed.
pub fn client(answers: Vec<Answer>) -> Result<FalClient, Error> {
    let once = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
    let config = FalConfig::new(Credentials::key("id:secret")?).with_retry(once);
    Ok(FalClient::with_transport(config, Arc::new(Answers(Mutex::new(answers)))))
}

/// The endpoint of all requests.
///
/// # Errors
/// None: the name is well-formed.
pub fn endpoint() -> Result<EndpointId, Error> {
    "fal-ai/kling-video/v2.1/standard/image-to-video".parse()
}

/// A request that was accepted.
///
/// # Errors
/// None: the id is well-formed.
pub fn accepted(client: &FalClient) -> Result<RequestHandle, Error> {
    client.handle(&endpoint()?, "r-1")
}

/// Runs in time that passes as soon as nobody works.
pub fn run<T>(future: impl Future<Output = T>) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().ok()?;
    Some(runtime.block_on(future))
}
