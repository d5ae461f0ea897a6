//! An accepted request: everything needed to find it again, from any process.

use serde::{Deserialize, Serialize};

/// An accepted request. It can be stored and used by another process.
///
/// Its addresses are checked again each time the key would be sent to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHandle {
    /// fal's name for the model.
    pub endpoint_id: String,
    /// fal's request id. Opaque.
    pub request_id: String,
    /// Where its status is.
    pub status_url: String,
    /// Where its result will be.
    pub response_url: String,
    /// Where it can be cancelled.
    pub cancel_url: String,
}
