//! How a request ended, and how the queue and the model word it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The end of a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum Outcome {
    /// The video is this file of the CDN.
    Video { file_id: String },
    /// The model refused the input; this is the body of the 422.
    Invalid { body: Value },
    /// The client cancelled it in time.
    Cancelled,
    /// No runner took it before the client's own start timeout.
    NotStarted,
    /// The platform failed: the status of the result, the text, and fal's word for the kind.
    Failed { status: u16, message: String, error_type: String },
}

impl Outcome {
    /// The emulator itself failed.
    pub(crate) fn internal(message: &str) -> Self {
        Self::Failed { status: 500, message: message.to_owned(), error_type: "internal_error".to_owned() }
    }

    /// The HTTP status of the result.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Video { .. } => 200,
            Self::Invalid { .. } => 422,
            // "Client closed request" has no name in the standard.
            Self::Cancelled => 499,
            Self::NotStarted => 504,
            Self::Failed { status, .. } => *status,
        }
    }

    /// The `error` and `error_type` of a completed status, where there are any.
    pub(crate) fn error(&self) -> Option<(String, String)> {
        let pair = |error: &str, kind: &str| Some((error.to_owned(), kind.to_owned()));
        match self {
            Self::Video { .. } => None,
            Self::Invalid { body } => {
                let text = |name: &str| body["detail"][0][name].as_str().unwrap_or_default();
                pair(text("msg"), text("type"))
            }
            Self::Cancelled => pair("Request was cancelled by the client", "client_cancelled"),
            Self::NotStarted => pair("Request timed out", "request_timeout"),
            Self::Failed { message, error_type, .. } => pair(message, error_type),
        }
    }

    /// The same end in fewer words: the body of a refusal repeats what was wrong in the input.
    pub(crate) fn without_input(self) -> Self {
        let Self::Invalid { body } = &self else { return self };
        let first = &body["detail"][0];
        Self::Invalid { body: json!({ "detail": [{ "msg": first["msg"], "type": first["type"] }] }) }
    }

    /// The body of a failed result.
    pub(crate) fn error_body(&self) -> Value {
        match (self, self.error()) {
            (Self::Invalid { body }, _) => body.clone(),
            (_, Some((detail, error_type))) => json!({ "detail": detail, "error_type": error_type }),
            (_, None) => Value::Null,
        }
    }
}
