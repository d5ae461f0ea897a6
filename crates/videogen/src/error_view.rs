//! What went wrong, as an object for programs: one shape for every program made of this crate.

use serde::Serialize;
use videogen_domain::{Failure, FailureKind, Recovery, Violation, Violations};

/// What went wrong, as an object for programs. Its fields are stable; one that does not apply is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ErrorView {
    /// What kind of error it is, in `snake_case`: the name of a [`FailureKind`], or a program's own.
    pub kind: &'static str,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub advice: String,
    /// Whether trying again can help: `never`, `later`, or `reconcile` (look first whether it happened).
    pub recovery: &'static str,
    /// The field that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Every mistake in the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<ViolationView>,
}

/// One mistake in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ViolationView {
    /// The field, for example `duration`.
    pub field: String,
    /// What kind of mistake it is, for example `not_allowed`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The values that would do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// What was most likely meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl ErrorView {
    /// An error that trying again does not cure.
    pub fn new(kind: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        let (message, advice) = (message.into(), advice.into());
        Self { kind, message, advice, recovery: Recovery::Never.name(), field: None, violations: Vec::new() }
    }
}

impl From<&Violations> for ErrorView {
    fn from(violations: &Violations) -> Self {
        let message = "the request has mistakes; nothing was sent";
        let advice = "Correct the listed fields and send it again.";
        let violations = violations.iter().map(ViolationView::from).collect();
        Self { violations, ..Self::new(FailureKind::InvalidRequest.name(), message, advice) }
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
