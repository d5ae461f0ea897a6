//! Compares an answer with a capture: everything but the values.

use fal_emulator::captures::Capture;
use reqwest::Response;
use serde_json::Value;

/// Checks status, headers, content type and the shape of the body, and gives the body.
pub(super) async fn assert_is_like(capture: &Capture, answer: Response) -> Value {
    assert_eq!(Some(answer.status().as_u16()), capture.status, "{}", capture.name);
    let content_type = answer.headers()["content-type"].to_str().expect("is text");
    assert!(content_type.starts_with(capture.content_type()), "{}: {content_type}", capture.name);
    for (name, _) in capture.headers {
        assert!(answer.headers().contains_key(*name), "{} has {name}", capture.name);
    }
    let body: Value = answer.json().await.expect("is JSON");
    assert_same_shape(capture, &body);
    body
}

/// Checks a body against that of a capture.
pub(super) fn assert_same_shape(capture: &Capture, body: &Value) {
    let expected: Value = serde_json::from_str(capture.body).expect("a capture of this kind is JSON");
    assert_eq!(difference(&expected, body, ""), None, "{}: {body}", capture.name);
}

/// The place of the first difference; each element of a list must be like the first one of the capture.
fn difference(expected: &Value, found: &Value, at: &str) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let missing = expected.keys().find(|key| !found.contains_key(*key));
            let unknown = found.keys().find(|key| !expected.contains_key(*key));
            let differing =
                || expected.iter().find_map(|(key, value)| difference(value, &found[key], &format!("{at}/{key}")));
            let key = missing.map(|key| format!("{at}/{key} is missing"));
            key.or_else(|| unknown.map(|key| format!("{at}/{key} is not in the capture"))).or_else(differing)
        }
        (Value::Array(expected), Value::Array(found)) => match (expected.first(), found.as_slice()) {
            (Some(_), []) => Some(format!("{at} is empty")),
            (Some(first), found) => found.iter().find_map(|element| difference(first, element, &format!("{at}/*"))),
            (None, _) => None,
        },
        _ if kind(expected) == kind(found) => None,
        _ => Some(format!("{at} is {}, not {}", kind(found), kind(expected))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[test]
fn every_kind_of_difference_is_found() {
    use serde_json::json;

    let expected = json!({ "a": 1, "list": [{ "b": null }] });
    for (found, what) in [
        (json!({ "list": [{ "b": null }] }), Some("/a is missing")),
        (json!({ "a": 2, "list": [{ "b": null }], "c": 1 }), Some("/c is not in the capture")),
        (json!({ "a": "2", "list": [{ "b": null }] }), Some("/a is a text, not a number")),
        (json!({ "a": 2, "list": [] }), Some("/list is empty")),
        (json!({ "a": 2, "list": [{ "b": null }, { "b": [] }] }), Some("/list/*/b is a list, not null")),
        (json!([]), Some(" is a list, not an object")),
        (json!({ "a": 2, "list": [{ "b": null }, { "b": null }] }), None),
    ] {
        assert_eq!(difference(&expected, &found, "").as_deref(), what);
    }
}
