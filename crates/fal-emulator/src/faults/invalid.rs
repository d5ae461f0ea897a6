//! What is wrong with a fault as somebody wrote it.

/// A fault, or a rule for one, that was not written correctly; the text says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidFault {
    /// The key at fault, where it is a single one.
    pub(super) key: Option<String>,
    message: String,
}

impl InvalidFault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { key: None, message: message.into() }
    }

    pub(super) fn at(key: &str, message: impl std::fmt::Display) -> Self {
        Self { key: Some(key.to_owned()), message: format!("`{key}`: {message}") }
    }

    /// Another name than the known ones, written as this key or as its value.
    pub(super) fn unknown<'a>(key: &str, what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Self {
        let message = match nearest(name, known.clone()) {
            Some(meant) => format!("unknown {what} `{name}`; did you mean `{meant}`?"),
            None => format!("unknown {what} `{name}`; there are {}", known.collect::<Vec<_>>().join(", ")),
        };
        Self { key: Some(key.to_owned()), message }
    }
}

/// The name most like the given one, if any is near enough to be meant.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR_ENOUGH: f64 = 0.6;
    known
        .map(|known| (strsim::normalized_damerau_levenshtein(name, known), known))
        .filter(|(likeness, _)| *likeness >= NEAR_ENOUGH)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}
