//! What can go wrong between us and fal, and what may be done about it.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value};
use url::Url;

use crate::call::Answer;
use crate::wire::problem;
use crate::{Circuit, CircuitOpen, Delivery, ErrorType, HostClass, ServerHints, TransportError};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting or an argument cannot be used. Nothing was sent.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A call that costs nothing to repeat got no answer, or a submit was never sent.
    #[error(transparent)]
    Connection(ConnectionError),
    /// A submit may have been accepted and its answer was lost.
    #[error(transparent)]
    Unconfirmed(UnconfirmedSubmit),
    /// fal answered with an error.
    #[error(transparent)]
    Api(ApiError),
    /// fal answered with a success that cannot be read.
    #[error(transparent)]
    Body(BodyError),
    /// Nothing was sent, because what was to be asked has failed repeatedly.
    #[error(transparent)]
    CircuitOpen(CircuitOpen),
    /// An address in an answer is not on a host that may be asked.
    #[error("fal named an address that is not on a configured host")]
    UntrustedUrl,
    /// An address leads into a private network, or would be read in the clear. Nothing was sent.
    #[error("the address is not one that may be read: it leads into a private network, or is not https")]
    ForbiddenUrl,
}

/// What kind of error it is. Stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting or an argument cannot be used.
    Configuration,
    /// No connection could be made.
    Unreachable,
    /// The connection broke, or no answer came in time, or fal had a fault.
    Interrupted,
    /// A submit may have been accepted.
    Unconfirmed,
    /// Nothing was sent, because a host or an endpoint has failed repeatedly.
    CircuitOpen,
    /// fal does not accept the key, or the key may not do this.
    Unauthorized,
    /// The account has no balance.
    ExhaustedBalance,
    /// Too many requests.
    RateLimited,
    /// fal refused the input.
    Rejected,
    /// The content policy forbids it.
    ContentPolicy,
    /// fal does not know the endpoint, the request or the file.
    NotFound,
    /// The request has not ended yet.
    NotReady,
    /// The request was cancelled.
    Cancelled,
    /// The answer is not in fal's protocol.
    UnexpectedAnswer,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recovery {
    /// The same call will fail again.
    Never,
    /// It may succeed later, and trying costs nothing.
    Later,
    /// It may have happened: look before doing it again, or pay twice.
    Reconcile,
}

impl Error {
    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Config(_) => ErrorKind::Configuration,
            Self::Connection(error) if error.source.delivery() == Delivery::NotSent => ErrorKind::Unreachable,
            Self::Connection(_) => ErrorKind::Interrupted,
            Self::Unconfirmed(_) => ErrorKind::Unconfirmed,
            Self::Api(error) => error.kind(),
            Self::CircuitOpen(error) => match error.circuit() {
                Circuit::Host(_) | Circuit::Endpoint(_) | Circuit::Submits(_) => ErrorKind::CircuitOpen,
                Circuit::Key => ErrorKind::Unauthorized,
                Circuit::Balance => ErrorKind::ExhaustedBalance,
            },
            Self::Body(_) | Self::UntrustedUrl | Self::ForbiddenUrl => ErrorKind::UnexpectedAnswer,
        }
    }

    /// Whether trying again can help.
    pub fn recovery(&self) -> Recovery {
        match self.kind() {
            ErrorKind::Unconfirmed => Recovery::Reconcile,
            ErrorKind::Unreachable
            | ErrorKind::Interrupted
            | ErrorKind::CircuitOpen
            | ErrorKind::RateLimited
            | ErrorKind::NotReady => Recovery::Later,
            ErrorKind::Configuration
            | ErrorKind::Unauthorized
            | ErrorKind::ExhaustedBalance
            | ErrorKind::Rejected
            | ErrorKind::ContentPolicy
            | ErrorKind::NotFound
            | ErrorKind::Cancelled
            | ErrorKind::UnexpectedAnswer => Recovery::Never,
        }
    }

    /// How long to wait before trying again, where that is known: until the circuit closes, or as long as fal asked.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::CircuitOpen(error) => Some(error.retry_in()),
            Self::Api(error) => error.retry_after,
            Self::Config(_)
            | Self::Connection(_)
            | Self::Unconfirmed(_)
            | Self::Body(_)
            | Self::UntrustedUrl
            | Self::ForbiddenUrl => None,
        }
    }

    /// fal's request id, where there is one.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Unconfirmed(error) => error.request_id.as_deref(),
            Self::Api(error) => error.request_id(),
            Self::Body(error) => error.request_id.as_deref(),
            Self::Config(_) | Self::Connection(_) | Self::CircuitOpen(_) | Self::UntrustedUrl | Self::ForbiddenUrl => {
                None
            }
        }
    }

    /// What to do next, in a sentence.
    pub fn advice(&self) -> &'static str {
        match self.kind() {
            ErrorKind::Configuration => "Correct the setting.",
            ErrorKind::Unreachable => "Check the network and the address of the host.",
            ErrorKind::Interrupted => "Try again in a moment; https://status.fal.ai tells whether fal has a fault.",
            ErrorKind::Unconfirmed => {
                "It is not sent again, because that could be paid twice. Look at \
                 https://fal.ai/dashboard/requests whether it is there; if it is, pick it up by its request id."
            }
            ErrorKind::CircuitOpen => {
                "Try again later, it cost nothing; https://status.fal.ai tells whether fal has a fault."
            }
            ErrorKind::Unauthorized => "Check the key; keys are made at https://fal.ai/dashboard/keys.",
            ErrorKind::ExhaustedBalance => "Top up the balance at https://fal.ai/dashboard/billing.",
            ErrorKind::RateLimited => "Wait a little before trying again.",
            ErrorKind::Rejected => "Correct the input.",
            ErrorKind::ContentPolicy => "Change the picture or the prompt.",
            ErrorKind::NotFound => "Check the name or id; fal keeps results for an hour at most.",
            ErrorKind::NotReady => "Wait until the request has ended.",
            ErrorKind::Cancelled => "Submit it again if the video is still wanted.",
            ErrorKind::UnexpectedAnswer => "Check the address of the host: something other than fal may have answered.",
        }
    }
}

/// A setting or an argument that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{what} {reason}")]
pub struct ConfigError {
    what: String,
    reason: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ConfigError {
    pub(crate) fn new(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { what: what.into(), reason: reason.into(), source: None }
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// A call that got no answer and cost nothing.
#[derive(Debug, thiserror::Error)]
#[error("fal's {} host at {address} could not be asked", host.name())]
pub struct ConnectionError {
    host: HostClass,
    address: String,
    source: TransportError,
}

impl ConnectionError {
    /// Keeps of the address only where it leads: its path may be signed.
    pub(crate) fn new(host: HostClass, url: &Url, source: TransportError) -> Self {
        Self { host, address: url.origin().ascii_serialization(), source }
    }

    /// The host that was asked.
    pub fn host(&self) -> HostClass {
        self.host
    }
}

/// A submit or a direct call that may have been accepted and whose answer is lost.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct UnconfirmedSubmit {
    reason: String,
    request_id: Option<String>,
    #[source]
    source: Option<TransportError>,
}

impl UnconfirmedSubmit {
    pub(crate) fn unanswered(source: TransportError) -> Self {
        let reason = "it is not known whether fal accepted the request: its answer was lost".to_owned();
        Self { reason, request_id: None, source: Some(source) }
    }

    /// A direct stream that began and did not come to its end.
    pub(crate) fn broken_off(source: TransportError, request_id: Option<String>) -> Self {
        let reason = "fal accepted the request, and its answer broke off".to_owned();
        Self { reason, request_id, source: Some(source) }
    }

    pub(crate) fn answered(status: u16, request_id: Option<String>) -> Self {
        let reason = format!(
            "it is not known whether fal accepted the request: it was answered with status {status} and no request"
        );
        Self { reason, request_id, source: None }
    }
}

/// An answer of fal's that is an error.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    error_type: Option<ErrorType>,
    message: Option<String>,
    fields: Vec<FieldError>,
    retry_after: Option<Duration>,
    request_id: Option<String>,
}

/// One field of an input that fal refused.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// fal's name for the field; with dots where it is nested, as in `multi_prompt.0.duration`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
    /// fal's name for the mistake.
    pub error_type: ErrorType,
    /// `ctx`: the limits that go with the name, for example `min_width`. Not always there.
    pub context: Map<String, Value>,
}

impl fmt::Debug for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.error_type)
    }
}

impl ApiError {
    pub(crate) fn from_answer(answer: &Answer) -> Self {
        let problem = problem::read(&answer.body);
        Self {
            status: answer.status,
            retry_after: ServerHints::of(answer).retry_after,
            error_type: answer.header("x-fal-error-type").map(ErrorType::from).or(problem.error_type),
            message: problem.message,
            fields: problem.fields,
            request_id: answer.request_id().or(problem.request_id),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// fal's name for the error: its own, else that of the first field.
    pub fn error_type(&self) -> Option<&ErrorType> {
        self.error_type.as_ref()
    }

    /// Whether fal gives the error this name, as a whole or for a field.
    pub fn is(&self, error_type: &ErrorType) -> bool {
        self.error_type() == Some(error_type) || self.fields.iter().any(|field| field.error_type == *error_type)
    }

    /// The fields of the input that fal refused.
    pub fn fields(&self) -> &[FieldError] {
        &self.fields
    }

    /// fal's request id.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Whether it refuses one application and not the key as a whole.
    pub(crate) fn is_about_one_application(&self) -> bool {
        self.message.as_deref().is_some_and(|text| text.starts_with("Cannot access application"))
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        match self.status.as_u16() {
            401 => ErrorKind::Unauthorized,
            403 if self.message.as_deref().is_some_and(|text| text.contains("Exhausted balance")) => {
                ErrorKind::ExhaustedBalance
            }
            403 => ErrorKind::Unauthorized,
            404 | 410 => ErrorKind::NotFound,
            400 if self.message.as_deref().is_some_and(|text| text.contains("still in progress")) => {
                ErrorKind::NotReady
            }
            422 if self.is(&ErrorType::ContentPolicyViolation) => ErrorKind::ContentPolicy,
            429 => ErrorKind::RateLimited,
            499 => ErrorKind::Cancelled,
            408 | 500..=599 => ErrorKind::Interrupted,
            400..=498 => ErrorKind::Rejected,
            _ => ErrorKind::UnexpectedAnswer,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fal answered {}", self.status.as_u16())?;
        if let Some(error_type) = &self.error_type {
            write!(f, " ({error_type})")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        for (index, field) in self.fields.iter().enumerate() {
            write!(f, "{} {}: {}", if index == 0 { ":" } else { ";" }, field.field, field.message)?;
        }
        Ok(())
    }
}

// The message may repeat what the user wrote.
impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("status", &self.status)
            .field("error_type", &self.error_type)
            .field("fields", &self.fields)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl StdError for ApiError {}

/// A success that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("fal's answer cannot be read")]
pub struct BodyError {
    request_id: Option<String>,
    #[source]
    source: Box<dyn StdError + Send + Sync>,
}

impl BodyError {
    pub(crate) fn new(request_id: Option<String>, source: serde_json::Error) -> Self {
        Self { request_id, source: source.into() }
    }
}
