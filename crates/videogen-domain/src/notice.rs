//! What a caller should know before paying, although the request is valid.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a caller should know before paying, although the request is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub code: NoticeCode,
    /// What to know, in one clause without a full stop.
    pub message: String,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoticeCode {
    /// fal no longer offers the model, and will most likely refuse the request.
    RetiredModel,
    /// The price does not come from fal itself.
    UncertainPrice,
    /// Parameters were passed on unchecked; they may change the price.
    UncheckedParameters,
}

impl NoticeCode {
    /// A stable name for programs, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RetiredModel => "retired_model",
            Self::UncertainPrice => "uncertain_price",
            Self::UncheckedParameters => "unchecked_parameters",
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
