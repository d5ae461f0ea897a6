//! What stands behind the question mark.

use jiff::Timestamp;
use url::Url;

/// Names and values, some names several times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query(Vec<(&'static str, String)>);

impl Query {
    /// Adds a value beside those that the name has already.
    pub(crate) fn add(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.push((name, value.to_string()));
        self
    }

    /// Adds each of the values.
    pub(crate) fn add_all<T: ToString>(self, name: &'static str, values: impl IntoIterator<Item = T>) -> Self {
        values.into_iter().fold(self, |query, value| query.add(name, value))
    }

    /// Gives the name this value alone.
    pub(crate) fn set(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.retain(|(other, _)| *other != name);
        self.add(name, value)
    }

    /// Sets a time, to the millisecond.
    pub(crate) fn set_time(self, name: &'static str, time: Timestamp) -> Self {
        self.set(name, format_args!("{time:.3}"))
    }

    pub(crate) fn write(&self, url: &mut Url) {
        if !self.0.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.0);
        }
    }
}
