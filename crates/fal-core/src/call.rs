//! What is asked of fal, and what it answers, as HTTP.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use secrecy::SecretString;
use url::Url;

use crate::{EndpointId, HostClass, Idempotency};

/// The header that names the request.
pub(crate) const REQUEST_ID: &str = "x-fal-request-id";

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
    pub(crate) method: Method,
    pub(crate) host: HostClass,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) authorization: Authorization,
    pub(crate) idempotency: Idempotency,
    pub(crate) timeout: Option<Duration>,
    pub(crate) endpoint: Option<EndpointId>,
    pub(crate) speaker: Speaker,
}

/// Whose word an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// fal's own.
    Fal,
    /// The model's, which fal passes on as it is: a result, or the answer of a direct call.
    Model,
    /// Somebody else's, who says nothing about fal.
    Stranger,
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
            endpoint: None,
            speaker: Speaker::Fal,
        }
    }

    /// A call to anybody's address, without the key: `https`, or `http` on the configured CDN. Its outcome neither opens
    /// nor closes a circuit, and it waits its turn with the downloads.
    pub fn elsewhere(method: Method, url: Url) -> Self {
        let call = Self::new(method, HostClass::Cdn, url).with_authorization(Authorization::None);
        Self { speaker: Speaker::Stranger, ..call }
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

    /// Names the endpoint whose health it depends on or tells of.
    pub(crate) fn about(mut self, endpoint: Option<EndpointId>) -> Self {
        self.endpoint = endpoint;
        self
    }

    pub(crate) fn answered_by_the_model(mut self) -> Self {
        self.speaker = Speaker::Model;
        self
    }

    pub(crate) fn has_key(&self) -> bool {
        matches!(self.authorization, Authorization::Key)
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
