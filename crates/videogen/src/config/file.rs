//! Reads `videogen.toml`, with the line of each value.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::raw::{Found, Raw};
use super::{ConfigProblem, Origin};

/// Every value of a file, by its name with its sections; and what is wrong with the file.
pub(super) fn read(path: &Path, text: &str) -> (Vec<Found>, Vec<ConfigProblem>) {
    let origin = |at: usize| Origin::File { path: path.to_owned(), line: line_of(text, at) };
    let (table, errors) = DeTable::parse_recoverable(text);
    let problems = errors.into_iter().map(|error| {
        let at = error.span().map_or(0, |span| span.start);
        ConfigProblem::new(origin(at), "", error.message().replace('\n', "; "))
    });
    let mut problems: Vec<ConfigProblem> = problems.collect();
    let mut found = Vec::new();
    flatten(table.get_ref(), "", &mut |key, value| {
        let origin = origin(value.span().start);
        match raw(value.get_ref()) {
            Some(value) => found.push(Found { key, value, origin }),
            None => problems.push(ConfigProblem::new(origin, key, "no setting has a value of this kind")),
        }
    });
    (found, problems)
}

fn flatten<'i>(table: &DeTable<'i>, section: &str, take: &mut dyn FnMut(String, &Spanned<DeValue<'i>>)) {
    for (name, value) in table {
        let name = name.get_ref();
        let key = if section.is_empty() { name.to_string() } else { format!("{section}.{name}") };
        match value.get_ref() {
            DeValue::Table(inner) => flatten(inner, &key, take),
            _ => take(key, value),
        }
    }
}

fn raw(value: &DeValue<'_>) -> Option<Raw> {
    match value {
        DeValue::String(text) => Some(Raw::Text(text.to_string())),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| Raw::Number(number as f64))
        }
        DeValue::Float(number) => number.as_str().parse().ok().map(Raw::Number),
        DeValue::Boolean(flag) => Some(Raw::Flag(*flag)),
        DeValue::Array(items) => items.iter().map(|item| raw(item.get_ref())).collect::<Option<_>>().map(Raw::List),
        DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

/// The line of a byte, from 1 on.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}
