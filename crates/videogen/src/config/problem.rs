//! What is wrong with the configuration, in all sources at once.

use std::fmt;

use super::Origin;

/// One problem of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigProblem {
    /// Where it is: file and line, or variable.
    pub origin: Origin,
    /// The setting that it is about; empty for one that is about a whole file.
    pub key: String,
    /// What is wrong and what would do, in one clause without a full stop.
    pub message: String,
}

impl ConfigProblem {
    pub(super) fn new(origin: Origin, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { origin, key: key.into(), message: message.into() }
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        // A variable names its setting well enough.
        if !self.key.is_empty() && !matches!(self.origin, Origin::Variable(_)) {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// Every problem of the configuration; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(Vec<ConfigProblem>);

impl ConfigError {
    pub(crate) fn check(mut problems: Vec<ConfigProblem>) -> Result<(), Self> {
        problems.sort_by(|a, b| a.origin.cmp(&b.origin));
        if problems.is_empty() { Ok(()) } else { Err(Self(problems)) }
    }

    /// The problems, source by source, line by line.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigProblem> {
        self.0.iter()
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl std::error::Error for ConfigError {}
