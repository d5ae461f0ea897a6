//! What is wrong with a request, in all fields at once.

use std::fmt;

/// The most allowed values that a message lists.
const MOST_SHOWN: usize = 32;

/// What kind of mistake it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ViolationCode {
    /// The file cannot be read or is not a picture.
    UnusableImage,
    /// The picture is not as the model wants it.
    UnsuitableImage,
    /// There is no model of that name.
    UnknownModel,
    /// The model has no parameter of that name.
    UnknownParameter,
    /// The model makes no video without it.
    MissingParameter,
    /// The model takes it, bills the video, and does not heed it.
    IgnoredParameter,
    /// The value has another JSON type.
    WrongType,
    /// The value is none of those allowed.
    NotAllowed,
    /// The number is too small or too great.
    OutOfRange,
    /// The text has too few characters.
    TooShort,
    /// The text has too many characters.
    TooLong,
    /// There is no such project or scene.
    UnknownProject,
    /// Two parts of the request contradict each other.
    Conflict,
    /// The estimate is above the limit, or unknown where there is a limit.
    OverBudget,
}

impl ViolationCode {
    /// A stable name for programs, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnusableImage => "unusable_image",
            Self::UnsuitableImage => "unsuitable_image",
            Self::UnknownModel => "unknown_model",
            Self::UnknownParameter => "unknown_parameter",
            Self::MissingParameter => "missing_parameter",
            Self::IgnoredParameter => "ignored_parameter",
            Self::WrongType => "wrong_type",
            Self::NotAllowed => "not_allowed",
            Self::OutOfRange => "out_of_range",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::UnknownProject => "unknown_project",
            Self::Conflict => "conflict",
            Self::OverBudget => "over_budget",
        }
    }
}

/// One mistake in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The field of the request, for example `duration` or `parameters.cfg_scale`.
    pub field: String,
    /// What kind of mistake it is.
    pub code: ViolationCode,
    /// What is wrong, in one clause without a full stop.
    pub message: String,
    /// The values that would do, where they can be listed.
    pub allowed: Vec<String>,
    /// The value or name that was most likely meant.
    pub suggestion: Option<String>,
}

impl Violation {
    /// A mistake in `field`.
    pub fn new(field: impl Into<String>, code: ViolationCode, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into(), allowed: Vec::new(), suggestion: None }
    }

    /// Lists the values that would do.
    pub fn with_allowed(mut self, allowed: Vec<String>) -> Self {
        self.allowed = allowed;
        self
    }

    /// Names what was most likely meant.
    pub fn with_suggestion(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; did you mean {suggestion}?")?;
        }
        if !self.allowed.is_empty() {
            let allowed = if self.suggestion.is_some() { " Allowed" } else { "; allowed" };
            let shown = self.allowed.iter().take(MOST_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
            write!(f, "{allowed}: {shown}")?;
            if let more @ 1.. = self.allowed.len().saturating_sub(MOST_SHOWN) {
                write!(f, " and {more} more")?;
            }
        }
        Ok(())
    }
}

/// Every mistake in a request; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// `Ok` when there is none.
    pub fn check(violations: Vec<Violation>) -> Result<(), Self> {
        if violations.is_empty() { Ok(()) } else { Err(Self(violations)) }
    }

    /// At least one mistake: `first`, and the rest.
    pub fn of(first: Violation, mut rest: Vec<Violation>) -> Self {
        rest.insert(0, first);
        Self(rest)
    }

    /// The mistakes, in the order of the request's fields.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            if index != 0 {
                f.write_str("\n")?;
            }
            violation.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}
