//! Headers: which go on to the other side, and which go into the recording.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, header};

use crate::record::cleaner::Cleaner;
use crate::record::secret_names::is_secret_header;

/// These belong to one connection (RFC 9110, 7.6.1), besides those that `Connection` names.
const OF_ONE_CONNECTION: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
const ASKED: [&str; 5] = ["accept", "authorization", "content-type", "if-range", "range"];
const ANSWERED: [&str; 10] = [
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-range",
    "content-type",
    "etag",
    "last-modified",
    "location",
    "retry-after",
];

/// The headers that are meant for the other end.
pub(super) fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let named = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<&str> = named.flat_map(|value| value.split(',')).map(str::trim).collect();
    let is_meant = |name: &HeaderName| {
        !OF_ONE_CONNECTION.contains(&name.as_str())
            && !named.iter().any(|other| name.as_str().eq_ignore_ascii_case(other))
    };
    headers.iter().filter(|(name, _)| is_meant(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The headers of a request as the host gets them.
pub(super) fn for_host(headers: &HeaderMap, takes_credentials: bool) -> HeaderMap {
    let mut headers = end_to_end(headers);
    // Only what is not compressed can be read, freed of secrets, and given other addresses.
    headers.insert(header::ACCEPT_ENCODING, header::HeaderValue::from_static("identity"));
    headers.remove(header::HOST);
    headers.remove(header::EXPECT);
    headers.remove(header::CONTENT_LENGTH);
    if !takes_credentials {
        let secret: Vec<HeaderName> = headers.keys().filter(|name| is_secret_header(name.as_str())).cloned().collect();
        for name in secret {
            headers.remove(name);
        }
    }
    headers
}

/// The headers of a request that are worth recording.
pub(super) fn asked(headers: &HeaderMap, cleaner: &Cleaner) -> BTreeMap<String, String> {
    kept(headers, &ASKED, cleaner)
}

/// The headers of an answer that are worth recording.
pub(super) fn answered(headers: &HeaderMap, cleaner: &Cleaner) -> BTreeMap<String, String> {
    kept(headers, &ANSWERED, cleaner)
}

/// The `Content-Type`, or nothing where there is none.
pub(super) fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The `Content-Length` in bytes, where there is one.
pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether the body is compressed, though that was not asked for.
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity")
}

pub(super) fn is_events(headers: &HeaderMap) -> bool {
    media_type(headers) == "text/event-stream"
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let media_type = media_type(headers);
    media_type == "application/json" || media_type.ends_with("+json")
}

fn media_type(headers: &HeaderMap) -> String {
    content_type(headers).split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn kept(headers: &HeaderMap, names: &[&str], cleaner: &Cleaner) -> BTreeMap<String, String> {
    let is_kept = |name: &str| names.contains(&name) || name.starts_with("x-fal-") || name.starts_with("x-app-fal-");
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| is_kept(name.as_str())) {
        let value = cleaner.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        kept.entry(name.to_string())
            .and_modify(|former| {
                former.push_str(", ");
                former.push_str(&value);
            })
            .or_insert(value);
    }
    kept
}
