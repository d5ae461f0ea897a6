//! Why a delivery is not believed.

use http::StatusCode;

use crate::Error;

/// Why a delivery is not believed. Shows nothing of its body and its signature.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// One of the four headers is not there.
    #[error("the webhook has no header {0}: it is not from fal, or a proxy removes the header")]
    MissingHeader(&'static str),
    /// One of the four headers is not in fal's format.
    #[error("the header {0} of the webhook is not in fal's format: it is not from fal, or a proxy changes the header")]
    MalformedHeader(&'static str),
    /// It was signed too long ago, or in the future.
    #[error("the webhook is stale: signed {age} s ago; if fal sent it just now, set this machine's clock")]
    Stale {
        /// Seconds since it was signed; below 0 for a time to come.
        age: i64,
    },
    /// None of fal's keys made the signature.
    #[error("the webhook is not signed by fal: it is forged, or a proxy changes its body")]
    BadSignature,
    /// It is signed by fal and meant for another account.
    #[error("the webhook is for another fal account")]
    OtherUser,
    /// fal's public keys cannot be had, so that nothing can be said of the signature.
    #[error("fal's public keys cannot be had: answer with 503, and fal delivers again")]
    KeysUnavailable {
        /// What went wrong when they were asked for; `None` when that was so shortly before that it was not tried again,
        /// or when there is no usable key among them.
        source: Option<Error>,
    },
    /// It is signed by fal and its body is not in fal's format.
    #[error("the webhook is signed by fal, but its body is not in fal's format: ask fal for the result instead")]
    UnreadableBody,
}

impl WebhookError {
    /// The HTTP status to answer with. fal delivers again after every one of these.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::MissingHeader(_) | Self::MalformedHeader(_) | Self::UnreadableBody => StatusCode::BAD_REQUEST,
            Self::Stale { .. } | Self::BadSignature => StatusCode::UNAUTHORIZED,
            Self::OtherUser => StatusCode::FORBIDDEN,
            Self::KeysUnavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
