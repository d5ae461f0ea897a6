//! Secrets out, stand-ins in: everything that is written to a recording passes through here first.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

use crate::record::json_text::{is_json, map_strings};
use crate::record::query;
use crate::record::secret_names::{is_secret_field, is_secret_header, is_secret_parameter, is_signed_url_field};

const STAND_IN: &str = "secret-";
/// A shorter secret is replaced only where it stands as one: `id` is part of too many words.
const SHORTEST: usize = 8;
/// What ends a parameter inside a text.
const ENDS: &[char] = &['&', '?', '#', ';', ',', '"', '\'', '<', '>', '(', ')', '[', ']', '{', '}', '\\'];

/// Finds secrets, and replaces each by a stand-in that stays the same for as long as this lives: `secret-1`, `secret-2`, …
#[derive(Default)]
pub(super) struct Scrubber {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    numbers: HashMap<String, usize>,
    /// Those that are looked for everywhere, by their first byte.
    everywhere: HashMap<u8, Vec<(Vec<u8>, String)>>,
}

impl Scrubber {
    /// Takes note of every secret in the headers.
    pub(super) fn learn(&self, headers: &HeaderMap) {
        for (name, value) in headers {
            let Ok(value) = value.to_str() else { continue };
            match name.as_str() {
                "cookie" | "set-cookie" => {
                    value.split(';').filter_map(|pair| pair.split_once('=')).for_each(|(_, it)| {
                        self.stand_in(it);
                    })
                }
                name => {
                    self.header(name, value);
                }
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
            changed(&value, self.text(&value))
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
        self.without_fragment(self.text(text))
    }

    /// Bytes that are no text: they stay as they are, but for a known secret in them.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.replaced(bytes)
    }

    /// The stand-in of a secret; that of a stand-in is itself, so that nothing is replaced twice.
    pub(super) fn stand_in(&self, secret: &str) -> String {
        if secret.is_empty() || is_stand_in(secret) {
            return secret.to_owned();
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(secret) {
            return format!("{STAND_IN}{number}");
        }
        let number = known.numbers.len() + 1;
        let stand_in = format!("{STAND_IN}{number}");
        known.numbers.insert(secret.to_owned(), number);
        if let Some(first) = secret.bytes().next().filter(|_| secret.len() >= SHORTEST) {
            let found = (secret.as_bytes().to_owned(), stand_in.clone());
            known.everywhere.entry(first).or_default().push(found);
        }
        stand_in
    }

    /// `Key id:secret`, `Bearer token`.
    fn credentials(&self, value: &str) -> String {
        let (scheme, rest) = value.trim().split_once(' ').unwrap_or_default();
        let rest = if scheme.is_empty() { value.trim() } else { rest.trim() };
        let hidden = match rest.split_once(':') {
            Some((id, secret)) => format!("{}:{}", self.stand_in(id), self.stand_in(secret)),
            None => self.stand_in(rest),
        };
        for encoding in [BASE64_NOPAD, BASE64URL_NOPAD] {
            self.stand_in(&encoding.encode(rest.as_bytes()));
        }
        if scheme.is_empty() { hidden } else { format!("{scheme} {hidden}") }
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
            let is_nested = begin > end;
            if is_nested {
                end = end_of_value(text, begin);
            }
            if let Some(new) = self.parameter(name, &text[begin..end], all, is_nested) {
                out.push_str(&text[kept..begin]);
                out.push_str(&new);
                (kept, begin) = (end, end);
            }
        }
        (kept > 0).then(|| out + &text[kept..])
    }

    fn parameter(&self, name: &str, value: &str, all: bool, may_nest: bool) -> Option<String> {
        if all || is_secret_parameter(name) {
            let secret = query::unescaped(value);
            return changed(&secret, self.stand_in(&secret));
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
        let replaced = self.replaced(text.as_bytes())?;
        Some(String::from_utf8(replaced).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    fn replaced(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut out, mut kept, mut at) = (Vec::new(), 0, 0);
        while let Some(first) = bytes.get(at) {
            match known.longest_at(*first, &bytes[at..]) {
                Some((length, stand_in)) => {
                    out.extend_from_slice(&bytes[kept..at]);
                    out.extend_from_slice(stand_in.as_bytes());
                    at += length;
                    kept = at;
                }
                None => at += 1,
            }
        }
        (kept > 0).then(|| {
            out.extend_from_slice(&bytes[kept..]);
            out
        })
    }

    fn without_fragment(&self, mut text: String) -> String {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for (secret, stand_in) in known.everywhere.values().flatten() {
            let fragment =
                (SHORTEST / 2..secret.len()).rev().find(|length| text.as_bytes().ends_with(&secret[..*length]));
            if let Some(length) = fragment {
                text.truncate(text.len() - length);
                text.push_str(stand_in);
                break;
            }
        }
        text
    }
}

impl Known {
    /// The longest secret that the bytes begin with, and how many of them it takes.
    fn longest_at(&self, first: u8, bytes: &[u8]) -> Option<(usize, &str)> {
        let plain = self.everywhere.get(&first).into_iter().flatten();
        let escaped = self.everywhere.values().flatten().filter(|_| matches!(first, b'%' | b'\\'));
        plain
            .chain(escaped)
            .filter_map(|(secret, stand_in)| Some((length_of(bytes, secret)?, stand_in.as_str())))
            .max_by_key(|(length, _)| *length)
    }
}

fn end_of_value(text: &str, begin: usize) -> usize {
    let ends = |c: char| c.is_whitespace() || ENDS.contains(&c);
    text[begin..].find(ends).map_or(text.len(), |length| begin + length)
}

/// How many bytes the secret takes at the start of these, plain or with percent signs or backslashes in it.
fn length_of(bytes: &[u8], secret: &[u8]) -> Option<usize> {
    if bytes.starts_with(secret) {
        return Some(secret.len());
    }
    secret.iter().try_fold(0, |at, wanted| Some(at + length_of_one(&bytes[at..], *wanted)?))
}

fn length_of_one(bytes: &[u8], wanted: u8) -> Option<usize> {
    match bytes {
        [b'%', rest @ ..] => {
            // Each encoding of an encoding puts one more `25` behind the percent sign.
            let again = rest.chunks_exact(2).take_while(|pair| *pair == b"25").count();
            (0..=again).rev().find(|n| hex(rest.get(2 * n..2 * n + 2)) == Some(wanted)).map(|n| 3 + 2 * n)
        }
        [b'\\', b'u', b'0', b'0', high, low, ..] if hex(Some(&[*high, *low])) == Some(wanted) => Some(6),
        [b'\\', next, ..] if *next == wanted => Some(2),
        _ => None,
    }
    .or_else(|| (bytes.first() == Some(&wanted)).then_some(1))
}

fn hex(digits: Option<&[u8]>) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits?).ok()?, 16).ok()
}

/// Makes all stand-ins one, for a comparison that does not mind which secret was sent.
pub(super) fn anonymous(text: &str) -> String {
    let mut parts = text.split(STAND_IN);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(STAND_IN);
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}

fn is_stand_in(text: &str) -> bool {
    text.strip_prefix(STAND_IN).is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn changed(old: &str, new: String) -> Option<String> {
    (old != new).then_some(new)
}
