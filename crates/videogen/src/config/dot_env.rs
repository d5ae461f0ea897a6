//! Reads `.env`: lines of `NAME=value`, which stand in for environment variables that are not set.

/// One line that sets a variable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'t> {
    pub(super) number: usize,
    pub(super) name: &'t str,
    pub(super) value: String,
}

/// The variables of a file; a line that sets none is an error with its number. Empty lines and those that begin with `#`
/// are passed over, `export` in front is too. A value may stand in quotes; otherwise it ends before ` #`.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, usize>> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let number = index + 1;
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = match line.split_once('=') {
            Some((name, value)) if is_name(name.trim()) => (name.trim(), value.trim()),
            _ => return Some(Err(number)),
        };
        Some(unquoted(value).map(|value| Line { number, name, value }).ok_or(number))
    })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

fn unquoted(value: &str) -> Option<String> {
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            let (inside, after) = rest.split_once(quote)?;
            let after = after.trim();
            return (after.is_empty() || after.starts_with('#')).then(|| inside.to_owned());
        }
    }
    let end = value.find(" #").unwrap_or(value.len());
    Some(value[..end].trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_bare_or_quoted_and_comments_are_passed_over() {
        let text = "# a comment\n\nA=1\nexport B = two words # why\nC=\"x # y\"\nD='it''s'\nE=\n";
        let read: Vec<_> = lines(text).map(|line| line.map(|line| (line.number, line.name, line.value))).collect();
        assert_eq!(
            read,
            [
                Ok((3, "A", "1".to_owned())),
                Ok((4, "B", "two words".to_owned())),
                Ok((5, "C", "x # y".to_owned())),
                Err(6),
                Ok((7, "E", String::new())),
            ]
        );
        for wrong in ["A", "=1", "A B=1", "A=\"open", "A=\"x\" y"] {
            assert_eq!(lines(wrong).collect::<Vec<_>>(), [Err(1)], "{wrong}");
        }
    }
}
