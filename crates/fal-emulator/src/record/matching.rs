//! Which recorded exchange a request asks for.

use axum::http::header;
use serde_json::Value;

use crate::host_class::HostClass;
use crate::record::exchange::{Body, Call};
use crate::record::json_text::compact;
use crate::record::known_secrets::anonymous;
use crate::record::query;
use crate::record::secret_names::is_secret_parameter;

/// What two calls must have in common, in a form that can be compared: any secret is as good as another.
#[derive(PartialEq)]
pub(super) struct Wanted {
    method: String,
    host_class: HostClass,
    path: String,
    query: Vec<(String, String)>,
    range: Option<String>,
    content: Content,
}

/// A body in a form that can be compared.
#[derive(PartialEq)]
enum Content {
    Empty,
    Json(Value),
    Text(String),
    /// The SHA-256.
    Binary(String),
}

impl Wanted {
    pub(super) fn of(call: &Call) -> Self {
        let mut query = query::pairs(&call.query);
        for (name, value) in &mut query {
            *value = if is_secret_parameter(name) { String::new() } else { anonymous(value) };
        }
        query.sort();
        Self {
            method: call.method.clone(),
            host_class: call.host_class,
            path: anonymous(&call.path),
            query,
            range: call.headers.get(header::RANGE.as_str()).cloned(),
            content: Content::of(call.body.as_ref()),
        }
    }

    /// How alike two calls are; the more telling parts count first.
    pub(super) fn likeness(&self, other: &Self) -> impl Ord + use<> {
        let common = self.path.bytes().zip(other.path.bytes()).take_while(|(one, two)| one == two).count();
        let same_path = self.path == other.path;
        let same_content = self.content == other.content;
        (
            self.host_class == other.host_class,
            same_path,
            self.method == other.method,
            common,
            self.query == other.query,
            same_content,
        )
    }

    /// What differs in a call that was expected instead: parts of the request, and within JSON the fields.
    pub(super) fn differences(&self, expected: &Self) -> Vec<String> {
        let parts = [
            ("method", self.method == expected.method),
            ("host_class", self.host_class == expected.host_class),
            ("path", self.path == expected.path),
            ("query", self.query == expected.query),
            ("range", self.range == expected.range),
        ];
        let mut found: Vec<String> =
            parts.iter().filter(|(_, is_same)| !is_same).map(|(name, _)| (*name).to_owned()).collect();
        let others = found.len();
        if let (Content::Json(one), Content::Json(two)) = (&self.content, &expected.content) {
            differing_fields("body", Some(one), Some(two), &mut found);
        }
        if self.content != expected.content && found.len() == others {
            found.push("body".to_owned());
        }
        found
    }
}

impl Content {
    fn of(body: Option<&Body>) -> Self {
        match body {
            None => Self::Empty,
            Some(Body::Json(json)) => {
                let text = anonymous(&compact(json.get()));
                // JSON that nests too deep for a value can still be the same text.
                serde_json::from_str(&text).map_or(Self::Text(text), Self::Json)
            }
            Some(Body::Text(text)) => Self::Text(anonymous(text)),
            Some(Body::File(file)) => Self::Binary(file.sha256.clone()),
            // No request has events; a file that says so matches nothing that is sent.
            Some(Body::Events(_)) => Self::Binary(String::new()),
        }
    }
}

/// Names the fields that differ, not their values: a prompt is nothing for an error.
fn differing_fields(at: &str, one: Option<&Value>, two: Option<&Value>, found: &mut Vec<String>) {
    match (one, two) {
        (Some(Value::Object(one)), Some(Value::Object(two))) => {
            for name in one.keys().chain(two.keys().filter(|name| !one.contains_key(*name))) {
                differing_fields(&format!("{at}.{name}"), one.get(name), two.get(name), found);
            }
        }
        (one, two) if one != two => found.push(at.to_owned()),
        _ => {}
    }
}
