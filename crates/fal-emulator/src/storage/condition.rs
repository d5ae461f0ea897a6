//! Conditions of a download: `If-None-Match` and `If-Range`.

use axum::http::{HeaderMap, HeaderName, header};

/// Whether the client has this very file already: the answer is a 304.
pub(super) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let weak = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag) == etag;
    text(headers, header::IF_NONE_MATCH)
        .is_some_and(|tags| tags.split(',').map(str::trim).any(|tag| tag == "*" || weak(tag)))
}

/// Whether a range is wanted: the client says nothing, or holds the beginning of this very file.
/// A date is never this file's, since downloads have none.
pub(super) fn wants_range(headers: &HeaderMap, etag: &str) -> bool {
    !headers.contains_key(header::IF_RANGE) || text(headers, header::IF_RANGE) == Some(etag)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, header::HeaderValue::from_static(value))])
    }

    #[test]
    fn a_known_file_is_one_of_a_list_weak_or_not() {
        let known = |value| is_known(&headers(header::IF_NONE_MATCH, value), "\"a\"");
        assert!(known("\"a\"") && known("W/\"a\"") && known("\"b\", \"a\"") && known("*"));
        assert!(!known("\"b\"") && !known("a") && !is_known(&HeaderMap::new(), "\"a\""));
    }

    #[test]
    fn a_range_of_another_file_is_not_wanted() {
        let wants = |value| wants_range(&headers(header::IF_RANGE, value), "\"a\"");
        assert!(wants("\"a\"") && wants_range(&HeaderMap::new(), "\"a\""));
        assert!(!wants("\"b\"") && !wants("W/\"a\"") && !wants("Wed, 21 Oct 2015 07:28:00 GMT"));
    }
}
