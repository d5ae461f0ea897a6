//! The one loop: send, judge, decide, wait.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use secrecy::SecretString;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::credentials::sensitive;
use crate::{
    ConnectionError, Credentials, Decision, Delivery, Error, HostClass, HttpTransport, Idempotency, Outcome,
    ResponseBody, RetryPolicy, TransportError, UnconfirmedSubmit, Verdict, classify, decide,
};

/// The longest answer that is read into memory, in bytes.
const LONGEST_ANSWER: usize = 16 << 20;

/// The header that names the request.
const REQUEST_ID: &str = "x-fal-request-id";

/// What a call is authorised by.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Authorization {
    /// fal's key, for addresses on the configured hosts only.
    Key,
    /// A token that fal gave out.
    Token {
        /// The scheme, for example `Bearer`.
        scheme: String,
        /// The token.
        token: SecretString,
    },
    /// Nothing.
    None,
}

/// One call to a host of fal, to be sent once or, where that is safe, several times.
#[derive(Clone)]
pub struct Call {
    method: Method,
    host: HostClass,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    authorization: Authorization,
    idempotency: Idempotency,
    timeout: Option<Duration>,
}

impl Call {
    /// A call that costs nothing to repeat, with the key, without a body.
    pub fn new(method: Method, host: HostClass, url: Url) -> Self {
        Self {
            method,
            host,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            authorization: Authorization::Key,
            idempotency: Idempotency::Safe,
            timeout: None,
        }
    }

    /// Adds a header.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body and its content type.
    pub fn with_body(self, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self.with_header(header::CONTENT_TYPE, content_type) }
    }

    /// Sets what authorises it. Default: the key.
    pub fn with_authorization(mut self, authorization: Authorization) -> Self {
        self.authorization = authorization;
        self
    }

    /// Sets the longest time for one attempt. Default: the client's [`Timeouts::call`](crate::Timeouts).
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    pub(crate) fn billable(mut self) -> Self {
        self.idempotency = Idempotency::Billable;
        self
    }
}

// The body holds prompts and files, and a path may be signed.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("host", &self.host)
            .field("address", &self.url.origin().ascii_serialization())
            .field("bytes", &self.body.len())
            .field("idempotency", &self.idempotency)
            .finish_non_exhaustive()
    }
}

/// An answer, read to its end.
#[derive(Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    /// fal's request id, from the header `x-fal-request-id`.
    pub fn request_id(&self) -> Option<String> {
        self.header(REQUEST_ID).map(str::to_owned)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether a submit was certainly taken: fal says so in the headers and names the request.
    fn accepts(parts: &http::response::Parts, call: &Call) -> bool {
        let named = parts.headers.contains_key(REQUEST_ID);
        call.idempotency == Idempotency::Billable && parts.status.is_success() && named
    }

    pub(crate) fn user_timeout(&self) -> bool {
        self.header("x-fal-request-timeout-type").is_some_and(|kind| kind.eq_ignore_ascii_case("user"))
    }
}

// The body may hold signed addresses and repeat what the user wrote.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

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
            Err(_) if Answer::accepts(&parts, call) => Bytes::new(),
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
