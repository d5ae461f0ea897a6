//! How often fal itself tries a request again.

use http::{HeaderName, HeaderValue};
use serde_json::{Map, json};

/// How often fal itself tries a request again that its runners lost. Such attempts are under one id and one bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ServerRetries {
    /// As fal does it: up to 10 attempts.
    #[default]
    Fals,
    /// Never (`X-Fal-No-Retry`).
    None,
    /// So often after each kind of failure (`X-Fal-Retry-Config`). fal heeds it for one's own applications, and
    /// ignores it for shared models.
    Each {
        /// After a 503 or 504 of the runner.
        server_error: Option<u8>,
        /// After the application's own timeout.
        timeout: Option<u8>,
        /// After a lost connection to the runner.
        connection_error: Option<u8>,
    },
}

impl ServerRetries {
    pub(super) fn header(self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Fals => None,
            Self::None => Some((HeaderName::from_static("x-fal-no-retry"), HeaderValue::from_static("1"))),
            Self::Each { server_error, timeout, connection_error } => {
                let kinds =
                    [("server_error", server_error), ("timeout", timeout), ("connection_error", connection_error)];
                let given = kinds.into_iter().filter_map(|(kind, retries)| Some((kind, retries?)));
                let config: Map<_, _> =
                    given.map(|(kind, retries)| (kind.to_owned(), json!({ "retries": retries }))).collect();
                let value = HeaderValue::try_from(json!(config).to_string()).ok()?;
                Some((HeaderName::from_static("x-fal-retry-config"), value))
            }
        }
    }
}
