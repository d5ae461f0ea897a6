//! The query of a URL, pair by pair.

use std::borrow::Cow;

use url::form_urlencoded::{byte_serialize, parse};

/// The pairs of a query, decoded.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    parse(query.as_bytes()).into_owned().collect()
}

/// Changes the values that `change`, told the name and the value as it is spelt, gives a new one for.
pub(super) fn map_values(query: &str, change: impl Fn(&str, &str) -> Option<String>) -> String {
    let changed = query.split('&').map(|pair| {
        let new = pair.split_once('=').and_then(|(name, value)| Some((name, change(name, value)?)));
        new.map_or(Cow::Borrowed(pair), |(name, new)| format!("{name}={}", encoded(&new)).into())
    });
    changed.collect::<Vec<_>>().join("&")
}

/// A value of a form: a plus sign is a space.
pub(super) fn decoded(value: &str) -> String {
    // The leading `=` makes all that follows one value, whatever is in it.
    let pair = format!("={}", value.replace('&', "%26"));
    parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// A value of a URL in general: a plus sign is itself.
pub(super) fn unescaped(value: &str) -> String {
    decoded(&value.replace('+', "%2B"))
}

/// A value as it stands in a query.
pub(super) fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_values_are_spelt_anew() {
        let change = |name: &str, value: &str| (name == "b").then(|| format!("{}&", decoded(value)));
        assert_eq!(map_values("a=%2f+x&b=1%202&flag&b=", change), "a=%2f+x&b=1+2%26&flag&b=%26");
        assert_eq!(pairs("a=%2f+x&flag"), [("a".to_owned(), "/ x".to_owned()), ("flag".to_owned(), String::new())]);
    }
}
