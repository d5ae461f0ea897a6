//! What a delivery says, once it is believed.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::headers::SignedHeaders;
use crate::wire::problem;
use crate::{ErrorType, FieldError};

/// A delivery that fal has signed. Its `Debug` shows nothing of what the model made.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The request that has ended: the id that the submit was answered with.
    pub request_id: String,
    /// The last attempt that fal itself made. Differs from the request id after fal's own retries.
    pub gateway_request_id: Option<String>,
    /// The fal account that the request belongs to.
    pub user_id: String,
    /// When fal signed this delivery.
    pub signed_at: Timestamp,
    /// Whether it has been here before.
    pub freshness: Freshness,
    /// How the request ended.
    pub outcome: WebhookOutcome,
}

/// Whether a delivery has been here before, as far as this verifier remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Freshness {
    /// The first of its request.
    New,
    /// The request has been delivered before; this is another delivery of it. fal delivers at least once.
    Redelivered,
    /// This very signature has been here before: fal sent the same delivery again, or somebody who overheard it did.
    Replayed,
}

/// How a request ended.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum WebhookOutcome {
    /// The model's output.
    Completed(Value),
    /// It completed, and the output is not in the delivery: fetch it with [`FalApi::result`](crate::FalApi::result).
    CompletedElsewhere {
        /// fal's `payload_error`: why the output is not here.
        reason: Option<String>,
    },
    /// It failed.
    Failed(WebhookFailure),
    /// A status that this version does not know.
    Other {
        /// The status as fal wrote it.
        status: String,
        /// What came with it.
        payload: Value,
    },
}

/// Why a request failed.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct WebhookFailure {
    /// fal's summary, for example `Invalid status code: 422`.
    pub error: Option<String>,
    /// What the model said, where it is one sentence.
    pub message: Option<String>,
    /// fal's name for the error.
    pub error_type: Option<ErrorType>,
    /// The fields of the input that were refused.
    pub fields: Vec<FieldError>,
    /// The model's whole answer.
    pub payload: Value,
}

#[derive(Deserialize)]
struct Body {
    request_id: Option<String>,
    gateway_request_id: Option<String>,
    status: String,
    #[serde(default)]
    payload: Value,
    error: Option<Value>,
    payload_error: Option<Value>,
}

impl WebhookEvent {
    /// Reads a body whose signature has been verified; `None` when it is not in fal's format.
    pub(crate) fn read(signed: &SignedHeaders, body: &[u8]) -> Option<Self> {
        let body: Body = serde_json::from_slice(body).ok()?;
        let request_id = body.request_id.clone().unwrap_or_else(|| signed.request_id.clone());
        Some(Self {
            request_id,
            gateway_request_id: body.gateway_request_id.clone(),
            user_id: signed.user_id.clone(),
            signed_at: signed.signed_at,
            freshness: Freshness::New,
            outcome: outcome(body),
        })
    }
}

fn outcome(body: Body) -> WebhookOutcome {
    match body.status.as_str() {
        "OK" if body.payload.is_null() || body.payload_error.is_some() => {
            WebhookOutcome::CompletedElsewhere { reason: body.payload_error.map(text) }
        }
        "OK" => WebhookOutcome::Completed(body.payload),
        "ERROR" => {
            let problem = problem::read_value(&body.payload);
            WebhookOutcome::Failed(WebhookFailure {
                error: body.error.map(text),
                message: problem.message,
                error_type: problem.error_type,
                fields: problem.fields,
                payload: body.payload,
            })
        }
        _ => WebhookOutcome::Other { status: body.status, payload: body.payload },
    }
}

fn text(value: Value) -> String {
    if let Value::String(text) = value { text } else { value.to_string() }
}

impl fmt::Debug for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEvent")
            .field("request_id", &self.request_id)
            .field("gateway_request_id", &self.gateway_request_id)
            .field("signed_at", &self.signed_at)
            .field("freshness", &self.freshness)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

// Outputs hold addresses that may be signed, and failures repeat what the user wrote.
impl fmt::Debug for WebhookOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed(_) => f.write_str("Completed"),
            Self::CompletedElsewhere { .. } => f.write_str("CompletedElsewhere"),
            Self::Failed(failure) => failure.fmt(f),
            Self::Other { .. } => f.write_str("Other"),
        }
    }
}

impl fmt::Debug for WebhookFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failed")
            .field("error_type", &self.error_type)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}
