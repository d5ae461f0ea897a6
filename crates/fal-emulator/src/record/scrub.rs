//! Secrets out, stand-ins in: everything that is written to a recording passes through here first.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

use crate::record::json_text::{is_json, map_strings};
use crate::record::known_secrets::KnownSecrets;
use crate::record::query;
use crate::record::secret_names::{is_secret_field, is_secret_header, is_secret_parameter, is_signed_url_field};

/// What ends a parameter inside of a text.
const ENDS: &[char] = &['&', '?', '#', ';', ',', '"', '\'', '<', '>', '(', ')', '[', ']', '{', '}', '\\'];

/// Finds secrets by the names they travel under, and from then on wherever they are.
#[derive(Default)]
pub(super) struct Scrubber {
    known: Mutex<KnownSecrets>,
}

impl Scrubber {
    /// Takes note of every secret in the headers.
    pub(super) fn learn(&self, headers: &HeaderMap) {
        for (name, value) in headers {
            let Ok(value) = value.to_str() else { continue };
            if name.as_str().ends_with("cookie") {
                let values = value.split(';').filter_map(|pair| pair.split_once('='));
                values.for_each(|(_, value)| drop(self.stand_in(value)));
            } else {
                self.header(name.as_str(), value);
            }
        }
    }

    /// The value of a header. Of a credential, the scheme stays, and an id and its secret stay apart.
    pub(super) fn header(&self, name: &str, value: &str) -> String {
        match name {
            "authorization" | "proxy-authorization" => self.credentials(value),
            name if is_secret_header(name) => self.stand_in(value),
            _ => self.text(value),
        }
    }

    /// A query, pair by pair.
    pub(super) fn query(&self, query: &str) -> String {
        query::map_values(query, |name, value| {
            if is_secret_parameter(name) {
                return Some(self.stand_in(&query::unescaped(value)));
            }
            let value = query::decoded(value);
            Some(self.text(&value)).filter(|new| *new != value)
        })
    }

    /// Any text, JSON or not.
    pub(super) fn text(&self, text: &str) -> String {
        let named = map_strings(text, |name, value| match name {
            Some(name) if is_secret_field(name) => Some(self.stand_in(value)),
            name => self.parameters(value, name.is_some_and(is_signed_url_field)),
        });
        if is_json(&named) {
            return map_strings(&named, |_, value| self.without_known(value));
        }
        let named = self.parameters(&named, false).unwrap_or(named);
        self.without_known(&named).unwrap_or(named)
    }

    /// The start of a text, which may end inside of a secret.
    pub(super) fn cut_text(&self, text: &str) -> String {
        let text = self.text(text);
        self.known().without_fragment(&text).unwrap_or(text)
    }

    /// Bytes that are no text: they stay as they are, but for a known secret in them.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.known().replaced(bytes)
    }

    /// The stand-in of a secret, which is known from now on.
    pub(super) fn stand_in(&self, secret: &str) -> String {
        self.known().stand_in(secret)
    }

    /// `Key id:secret`, `Bearer token`.
    fn credentials(&self, value: &str) -> String {
        let (scheme, rest) = value.trim().rsplit_once(' ').unwrap_or(("", value.trim()));
        let hidden = match rest.split_once(':') {
            Some((id, secret)) => format!("{}:{}", self.stand_in(id), self.stand_in(secret)),
            None => self.stand_in(rest),
        };
        for encoding in [BASE64_NOPAD, BASE64URL_NOPAD] {
            self.stand_in(&encoding.encode(rest.as_bytes()));
        }
        format!("{scheme} {hidden}").trim_start().to_owned()
    }

    /// Replaces the secret parameters of the URLs in a text (or all parameters), those of a URL inside of a URL too.
    fn parameters(&self, text: &str, all: bool) -> Option<String> {
        self.learn_web_tokens(text);
        let (mut out, mut kept, mut begin, mut end) = (String::new(), 0, 0, 0);
        for (equals, _) in text.match_indices('=') {
            if equals < kept {
                continue;
            }
            let name = text[begin..equals].rsplit(|c: char| !is_of_name(c)).next().unwrap_or_default();
            begin = equals + 1;
            let is_first = begin > end;
            if is_first {
                end = end_of_value(text, begin);
            }
            if let Some(new) = self.parameter(name, &text[begin..end], all, is_first) {
                out.push_str(&text[kept..begin]);
                out.push_str(&new);
                (kept, begin) = (end, end);
            }
        }
        (kept > 0).then(|| out + &text[kept..])
    }

    fn parameter(&self, name: &str, value: &str, all: bool, may_nest: bool) -> Option<String> {
        if all || is_secret_parameter(name) {
            return Some(self.stand_in(&query::unescaped(value)));
        }
        let is_encoded = may_nest && value.contains('%');
        is_encoded.then(|| self.parameters(&query::decoded(value), false).map(|new| query::encoded(&new)))?
    }

    /// JSON web tokens are known by their shape: three parts of base64, the first one a JSON object.
    fn learn_web_tokens(&self, text: &str) {
        if !text.contains("eyJ") {
            return;
        }
        for word in text.split(|c: char| !(is_of_name(c) || c == '.')) {
            let word = word.trim_matches('.');
            if word.starts_with("eyJ") && word.matches('.').count() == 2 {
                self.stand_in(word);
            }
        }
    }

    fn without_known(&self, text: &str) -> Option<String> {
        // Secrets and stand-ins are text, so that text stays text.
        self.bytes(text.as_bytes()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn known(&self) -> MutexGuard<'_, KnownSecrets> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn end_of_value(text: &str, begin: usize) -> usize {
    let ends = |c: char| c.is_whitespace() || ENDS.contains(&c);
    text[begin..].find(ends).map_or(text.len(), |length| begin + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_by_name_in_texts_urls_and_urls_inside_of_urls() {
        let scrubber = Scrubber::default();
        for (text, expected) in [
            (r#"{"token":"a","token_type":"Bearer"}"#, r#"{"token":"secret-1","token_type":"Bearer"}"#),
            ("see https://a.b/?x=1&X-Amz-Expires=60&y, or", "see https://a.b/?x=1&X-Amz-Expires=secret-2&y, or"),
            (
                "https://a.b/?u=https%3A%2F%2Fc.d%3Ftoken%3Da&z=1",
                "https://a.b/?u=https%3A%2F%2Fc.d%3Ftoken%3Dsecret-1&z=1",
            ),
            (r#"{"upload_url":"https://a.b/c?d=e&f=a"}"#, r#"{"upload_url":"https://a.b/c?d=secret-3&f=secret-1"}"#),
            ("=== a==b= ?=", "=== a==b= ?="),
            (r#"cut: {"token":"a"#, r#"cut: {"token":"secret-1"#),
        ] {
            assert_eq!(scrubber.text(text), expected);
        }
        assert_eq!(scrubber.query("b=%2f&upload_token=a&c"), "b=%2f&upload_token=secret-1&c");
    }

    #[test]
    fn credentials_keep_their_scheme() {
        let scrubber = Scrubber::default();
        // Between them, the same in base64 has a number too.
        for (value, expected) in
            [("Key id:secret", "Key secret-1:secret-2"), ("Bearer token", "Bearer secret-4"), ("bare", "secret-6")]
        {
            assert_eq!(scrubber.header("authorization", value), expected);
        }
        assert_eq!(scrubber.header("x-fal-key", "token"), "secret-4");
        assert_eq!(scrubber.header("x-fal-request-id", "token"), "token");
    }
}
