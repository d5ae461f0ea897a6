//! The one loop: send, judge, decide, wait.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header;
use tokio::time::{Instant, sleep, timeout};

use crate::call::{Answer, Authorization, Call, REQUEST_ID};
use crate::credentials::sensitive;
use crate::{
    ConnectionError, Credentials, Decision, Delivery, Error, HttpTransport, Idempotency, Outcome, ResponseBody,
    RetryPolicy, TransportError, UnconfirmedSubmit, Verdict, classify, decide,
};

/// The longest answer that is read into memory, in bytes.
const LONGEST_ANSWER: usize = 16 << 20;

/// Sends calls and repeats them where that is safe.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) transport: Arc<dyn HttpTransport>,
    pub(crate) credentials: Credentials,
    pub(crate) policy: RetryPolicy,
    pub(crate) timeout: Duration,
}

impl Exchange {
    /// Sends the call until there is an answer to work with, whatever its status.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, Error> {
        let began = Instant::now();
        let mut delays = self.policy.delays(fastrand::f64);
        let mut attempts = 0;
        loop {
            attempts += 1;
            let outcome = self.attempt(call).await;
            let verdict = classify(judged(&outcome), call.idempotency);
            let delay = delays.next().unwrap_or_default();
            match decide(&self.policy, verdict, attempts, began.elapsed(), delay) {
                Decision::RetryAfter(delay) => {
                    tracing::debug!(host = call.host.name(), attempts, ?delay, "sending again");
                    sleep(delay).await;
                }
                Decision::Stop => return settle(call, outcome, verdict),
            }
        }
    }

    /// Sends the call once and hands out the body as it arrives.
    pub(crate) async fn open(&self, call: &Call) -> Result<http::Response<ResponseBody>, TransportError> {
        let limit = call.timeout.unwrap_or(self.timeout);
        timeout(limit, self.transport.send(self.request(call)?)).await.unwrap_or_else(|_| Err(no_answer_in_time(limit)))
    }

    async fn attempt(&self, call: &Call) -> Result<Answer, TransportError> {
        let limit = call.timeout.unwrap_or(self.timeout);
        let began = Instant::now();
        let (parts, body) = self.open(call).await?.into_parts();
        let left = limit.saturating_sub(began.elapsed());
        let body = timeout(left, body.collect(LONGEST_ANSWER)).await.unwrap_or_else(|_| Err(no_answer_in_time(limit)));
        let body = match body {
            Ok(body) => body,
            // The header has the request id: that of a paid request must not be lost with the body.
            Err(_) if accepts(&parts, call) => Bytes::new(),
            Err(error) => return Err(error),
        };
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    fn request(&self, call: &Call) -> Result<http::Request<Bytes>, TransportError> {
        let mut request = http::Request::builder()
            .method(call.method.clone())
            .uri(call.url.as_str())
            .body(call.body.clone())
            .map_err(|error| TransportError::new(Delivery::NotSent, "the request is malformed").with_source(error))?;
        *request.headers_mut() = call.headers.clone();
        let authorization = match &call.authorization {
            Authorization::Key => Some(self.credentials.header()),
            Authorization::Token { scheme, token } => Some(sensitive(scheme, token)),
            Authorization::None => None,
        };
        if let Some(value) = authorization {
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        Ok(request)
    }
}

fn no_answer_in_time(limit: Duration) -> TransportError {
    TransportError::new(Delivery::Unknown, format!("no answer within {} s", limit.as_secs_f64()))
}

/// Whether a submit was certainly taken: fal says so in the headers and names the request.
fn accepts(parts: &http::response::Parts, call: &Call) -> bool {
    let named = parts.headers.contains_key(REQUEST_ID);
    call.idempotency == Idempotency::Billable && parts.status.is_success() && named
}

fn judged(outcome: &Result<Answer, TransportError>) -> Outcome {
    match outcome {
        Ok(answer) => Outcome::Answered { status: answer.status, user_timeout: answer.user_timeout() },
        Err(error) => Outcome::Failed(error.delivery()),
    }
}

/// The last outcome, once nothing more will be sent.
fn settle(call: &Call, outcome: Result<Answer, TransportError>, verdict: Verdict) -> Result<Answer, Error> {
    match (outcome, call.idempotency) {
        (Ok(answer), Idempotency::Billable) if verdict == Verdict::GiveUp => {
            let status = answer.status;
            Err(Error::Unconfirmed(UnconfirmedSubmit::answered(status.as_u16(), answer.request_id())))
        }
        (Ok(answer), _) => Ok(answer),
        (Err(error), Idempotency::Billable) if error.delivery() == Delivery::Unknown => {
            Err(Error::Unconfirmed(UnconfirmedSubmit::unanswered(error)))
        }
        (Err(error), _) => Err(Error::Connection(ConnectionError::new(call.host, &call.url, error))),
    }
}
