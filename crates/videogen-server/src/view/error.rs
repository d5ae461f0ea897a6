//! What went wrong, as callers see it.

use serde::Serialize;
use videogen::domain::{Recovery, Violation};
use videogen::{Failure, FailureKind, Violations};

/// What went wrong.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorView {
    kind: &'static str,
    message: String,
    advice: String,
    recovery: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    violations: Vec<ViolationView>,
}

#[derive(Debug, Serialize)]
struct ViolationView {
    field: String,
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<String>,
}

impl ErrorView {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        let (message, advice) = (message.into(), advice.into());
        Self { kind, message, advice, recovery: Recovery::Never.name(), field: None, violations: Vec::new() }
    }
}

impl From<&Violations> for ErrorView {
    fn from(violations: &Violations) -> Self {
        let message = "the request has mistakes; nothing was sent";
        let view =
            Self::new(FailureKind::InvalidRequest.name(), message, "Correct the listed fields and send it again.");
        Self { violations: violations.iter().map(ViolationView::from).collect(), ..view }
    }
}

impl From<&Failure> for ErrorView {
    fn from(failure: &Failure) -> Self {
        let view = Self::new(failure.kind.name(), &failure.message, &failure.advice);
        Self { recovery: failure.recovery.name(), field: failure.field.clone(), ..view }
    }
}

impl From<&Violation> for ViolationView {
    fn from(violation: &Violation) -> Self {
        Self {
            field: violation.field.clone(),
            code: violation.code.name(),
            message: violation.message.clone(),
            allowed: violation.allowed.clone(),
            suggestion: violation.suggestion.clone(),
        }
    }
}
