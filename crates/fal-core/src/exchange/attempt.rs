//! One attempt: the request goes out once, and what comes back is read or handed on.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, header};
use tokio::time::{Instant, timeout};
use url::Url;

use crate::breaker::{Evidence, Question};
use crate::call::{Answer, Authorization, Call, REQUEST_ID, Speaker};
use crate::config::is_loopback;
use crate::credentials::sensitive;
use crate::{
    ConfigError, Credentials, Delivery, Error, HostClass, Hosts, HttpTransport, Idempotency, Outcome, ResponseBody,
    ServerHints, Timeouts, TransportError,
};

/// The longest answer that is read into memory, in bytes.
const LONGEST_ANSWER: usize = 16 << 20;

/// Makes attempts.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) transport: Arc<dyn HttpTransport>,
    pub(super) credentials: Credentials,
    pub(super) hosts: Hosts,
    pub(super) timeouts: Timeouts,
    pub(super) deadline: Duration,
    pub(super) private_networks: bool,
}

/// What is made of the body of a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// It is read to its end.
    Whole,
    /// It is handed out as it arrives.
    Stream,
    /// The same, and it takes minutes to arrive.
    LongStream,
}

/// An answer; the body of a success may still be on its way.
pub(super) struct Arrived {
    pub(super) answer: Answer,
    pub(super) stream: Option<ResponseBody>,
}

impl Arrived {
    /// Keeps something as long as the body is on its way.
    pub(super) fn keeping<T: Send + 'static>(self, kept: T) -> Self {
        Self { stream: self.stream.map(|stream| stream.keeping(kept)), ..self }
    }
}

impl Sender {
    /// The request, with the key where it is wanted and the address is on a configured host.
    pub(super) fn request(&self, call: &Call) -> Result<Request<Bytes>, Error> {
        if call.has_key() && !self.hosts.owns(call.host, &call.url) {
            return Err(Error::UntrustedUrl);
        }
        if call.speaker == Speaker::Stranger && !self.may_read(&call.url) {
            return Err(Error::ForbiddenUrl);
        }
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(call.url.as_str())
            .body(call.body.clone())
            .map_err(|error| ConfigError::new("the request", "cannot be sent over HTTP").with_source(error))?;
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

    /// Whether a file may be read from there: not in the clear, but from the configured CDN, or from this machine where
    /// that is allowed.
    pub(super) fn may_read(&self, url: &Url) -> bool {
        let allowed_here = self.private_networks && url.scheme() == "http" && is_loopback(url);
        url.scheme() == "https" || self.hosts.owns(HostClass::Cdn, url) || allowed_here
    }

    /// Sends the request once, when so much time of the call is gone.
    pub(super) async fn attempt(
        &self,
        call: &Call,
        request: Request<Bytes>,
        body: Body,
        elapsed: Duration,
    ) -> Result<Arrived, TransportError> {
        let limit = self.time_for(call, elapsed);
        let late = || TransportError::new(Delivery::Unknown, format!("no answer within {} s", limit.as_secs_f64()));
        let began = Instant::now();
        let response = timeout(limit, self.reach(call, request)).await.unwrap_or_else(|_| Err(late()))?;
        let (parts, arriving) = response.into_parts();
        if body != Body::Whole && parts.status.is_success() {
            let answer = Answer { status: parts.status, headers: parts.headers, body: Bytes::new() };
            return Ok(Arrived { answer, stream: Some(arriving.given_up_after(self.timeouts.read_idle)) });
        }
        let left = limit.saturating_sub(began.elapsed());
        let body = match timeout(left, arriving.collect(LONGEST_ANSWER)).await.unwrap_or_else(|_| Err(late())) {
            Ok(body) => body,
            // The header has the request id: that of a paid request must not be lost with the body.
            Err(_) if accepts(&parts, call) => Bytes::new(),
            Err(error) => return Err(error),
        };
        Ok(Arrived { answer: Answer { status: parts.status, headers: parts.headers, body }, stream: None })
    }

    /// Sends the request to fal's backup domain when it is certain that fal's own got none of it.
    async fn reach(&self, call: &Call, request: Request<Bytes>) -> Result<Response<ResponseBody>, TransportError> {
        let backup = self.hosts.backup(call.host, &call.url).and_then(|url| url.as_str().parse().ok());
        let Some(address) = backup else { return self.transport.send(request).await };
        let failed = match self.transport.send(request.clone()).await {
            Err(error) if error.delivery() == Delivery::NotSent => error,
            ended => return ended,
        };
        tracing::debug!(host = call.host.name(), "no connection; trying fal's backup domain");
        let mut request = request;
        *request.uri_mut() = address;
        match self.transport.send(request).await {
            Err(error) if error.delivery() == Delivery::NotSent => Err(failed),
            ended => ended,
        }
    }

    /// The longest time for this attempt. A submit is not cut short: that would leave its outcome unknown.
    fn time_for(&self, call: &Call, elapsed: Duration) -> Duration {
        let limit = call.timeout.unwrap_or(self.timeouts.call);
        match call.idempotency {
            Idempotency::Billable => limit,
            Idempotency::Safe => {
                let total = self.deadline.max(call.timeout.unwrap_or_default());
                limit.min(total.saturating_sub(elapsed))
            }
        }
    }
}

/// Whether a submit was certainly taken: fal says so in the headers and names the request.
fn accepts(parts: &http::response::Parts, call: &Call) -> bool {
    let named = parts.headers.contains_key(REQUEST_ID);
    call.idempotency == Idempotency::Billable && parts.status.is_success() && named
}

/// What an outcome means for the call, and for the health of what it touched.
pub(super) fn judge(call: &Call, outcome: &Result<Arrived, TransportError>) -> (Outcome, Evidence) {
    let answer = outcome.as_ref().ok().map(|arrived| &arrived.answer);
    let judged = match outcome {
        Ok(Arrived { answer, .. }) => Outcome::Answered { status: answer.status, hints: ServerHints::of(answer) },
        Err(error) => Outcome::Failed(error.delivery()),
    };
    let question = Question { idempotency: call.idempotency, speaker: call.speaker, with_key: call.has_key() };
    (judged, Evidence::of(question, judged, answer))
}
