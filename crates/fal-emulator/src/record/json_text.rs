//! JSON as text: strings and layout are changed, while the order of fields, numbers and all else stay as they were sent.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;

/// A stretch of text: a string with its quotes, or what stands between two of them.
enum Piece<'a> {
    Quoted(&'a str),
    Between(&'a str),
}

/// Whether the text is one whole JSON value.
pub(super) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Changes each string that `change` gives a new value for; the others keep their very spelling.
///
/// `change` is told the name of the field that the string is the value of. A text that is cut or not JSON at all is taken as far as it goes.
pub(super) fn map_strings(text: &str, mut change: impl FnMut(Option<&str>, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut last, mut name) = (None, None);
    for piece in pieces(text) {
        match piece {
            Piece::Between(between) => {
                name = last.take().filter(|_| between.trim() == ":");
                out.push_str(between);
            }
            Piece::Quoted(quoted) => {
                let value = unquoted(quoted);
                match change(name.take().as_deref(), &value) {
                    Some(new) => push_quoted(&mut out, quoted, new),
                    None => out.push_str(quoted),
                }
                last = Some(value);
            }
        }
    }
    out
}

/// Changes the strings of a JSON text, or a text that is no JSON as a whole.
pub(super) fn map_text(text: &str, change: impl Fn(&str) -> Option<String>) -> String {
    if is_json(text) {
        map_strings(text, |_, value| change(value))
    } else {
        change(text).unwrap_or_else(|| text.to_owned())
    }
}

/// The same JSON without white space between its parts.
pub(super) fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for piece in pieces(json) {
        match piece {
            Piece::Quoted(quoted) => out.push_str(quoted),
            Piece::Between(between) => out.extend(between.chars().filter(|c| !c.is_ascii_whitespace())),
        }
    }
    out
}

/// The same JSON laid out for a reader, with an indent of two.
pub(super) fn spread(json: &str) -> String {
    let (mut out, mut depth) = (String::with_capacity(json.len() * 2), 0);
    for piece in pieces(json) {
        match piece {
            Piece::Quoted(quoted) => out.push_str(quoted),
            Piece::Between(between) => {
                between.chars().filter(|c| !c.is_ascii_whitespace()).for_each(|c| push_spread(&mut out, &mut depth, c));
            }
        }
    }
    out.push('\n');
    out
}

fn push_spread(out: &mut String, depth: &mut usize, c: char) {
    match c {
        '{' | '[' => {
            *depth += 1;
            out.push(c);
            push_line(out, *depth);
        }
        '}' | ']' => {
            *depth = depth.saturating_sub(1);
            let filled = out.trim_end().len();
            out.truncate(filled);
            if !out.ends_with(['{', '[']) {
                push_line(out, *depth);
            }
            out.push(c);
        }
        ',' => {
            out.push(c);
            push_line(out, *depth);
        }
        ':' => out.push_str(": "),
        c => out.push(c),
    }
}

fn push_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

fn pieces(mut rest: &str) -> impl Iterator<Item = Piece<'_>> {
    std::iter::from_fn(move || {
        let is_quoted = rest.starts_with('"');
        let end = if is_quoted { quoted_end(rest) } else { rest.find('"').unwrap_or(rest.len()) };
        let (piece, left) = rest.split_at(end);
        rest = left;
        match (piece.is_empty(), is_quoted) {
            (true, _) => None,
            (false, true) => Some(Piece::Quoted(piece)),
            (false, false) => Some(Piece::Between(piece)),
        }
    })
}

/// Where the string that the text begins with ends; at the end of a text that is cut.
fn quoted_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn unquoted(quoted: &str) -> Cow<'_, str> {
    let inner = quoted.strip_prefix('"').unwrap_or(quoted);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if !inner.contains('\\') {
        return inner.into();
    }
    serde_json::from_str(quoted).map_or(inner.into(), Cow::Owned)
}

fn push_quoted(out: &mut String, former: &str, new: String) {
    if is_json(former) {
        out.push_str(&Value::String(new).to_string());
    } else {
        out.push('"');
        out.push_str(&new);
        out.push_str(if former.len() > 1 && former.ends_with('"') { "\"" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"b":1.0,"a":["x\/y","{,}"],"empty":{},"none":[],"é":"\u00e9\"","last":null}"#;

    #[test]
    fn a_text_is_laid_out_and_brought_back_to_the_byte() {
        let spread = spread(TEXT);
        assert!(spread.starts_with("{\n  \"b\": 1.0,\n  \"a\": [\n    \"x\\/y\",\n"), "{spread}");
        assert!(spread.contains("\"empty\": {},\n  \"none\": [],\n"), "{spread}");
        assert_eq!(compact(&spread), TEXT);
    }

    #[test]
    fn only_changed_strings_are_spelt_anew_and_names_are_told() {
        let mut seen = Vec::new();
        let mapped = map_strings(TEXT, |name, value| {
            seen.push((name.map(str::to_owned), value.to_owned()));
            (value == "x/y").then(|| "new \"one\"".to_owned())
        });
        assert_eq!(mapped, TEXT.replace(r"x\/y", r#"new \"one\""#));
        assert!(seen.contains(&(Some("é".to_owned()), "é\"".to_owned())));
        assert!(seen.contains(&(None, "{,}".to_owned())));
    }

    #[test]
    fn a_cut_text_is_taken_as_far_as_it_goes() {
        let hide = |name: Option<&str>, _: &str| (name == Some("token")).then(|| "…".to_owned());
        assert_eq!(map_strings(r#"{"token":"abc\"de"#, hide), r#"{"token":"…"#);
        assert_eq!(map_strings(r#"log: "token": "abc", done"#, hide), r#"log: "token": "…", done"#);
    }
}
