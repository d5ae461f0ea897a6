//! Reads `.env`: lines of `NAME=value`, which stand in for environment variables that are not set.

/// What the names of variables begin with that are read from the file: ours, fal's, and those of object stores.
const OURS: [&str; 5] = ["VIDEO_GEN_", "FAL_", "AWS_", "GOOGLE_", "AZURE_"];

/// One line that sets a variable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'t> {
    pub(super) number: usize,
    pub(super) name: &'t str,
    pub(super) value: String,
}

/// Our own variables of a file that other programs use too; a line that names one and cannot be read is an error with its
/// number, and every other line is passed over, as is `export` in front. A value may stand in quotes; otherwise it ends
/// before ` #`.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, usize>> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if !OURS.iter().any(|prefix| line.starts_with(prefix)) {
            return None;
        }
        let number = index + 1;
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
    fn values_are_bare_or_quoted_and_the_lines_of_others_are_passed_over() {
        let text = "# a comment\n\nFAL_A=1\nexport FAL_B = two words # why\nFAL_C=\"x # y\"\nFAL_D='it''s'\nFAL_E=\n\
                    OTHER=\"-----BEGIN\nMIIB\n-----END\"\n";
        let read: Vec<_> = lines(text).map(|line| line.map(|line| (line.number, line.name, line.value))).collect();
        assert_eq!(
            read,
            [
                Ok((3, "FAL_A", "1".to_owned())),
                Ok((4, "FAL_B", "two words".to_owned())),
                Ok((5, "FAL_C", "x # y".to_owned())),
                Err(6),
                Ok((7, "FAL_E", String::new())),
            ]
        );
        for wrong in ["FAL_A", "FAL_A B=1", "FAL_A=\"open", "FAL_A=\"x\" y"] {
            assert_eq!(lines(wrong).collect::<Vec<_>>(), [Err(1)], "{wrong}");
        }
    }
}
