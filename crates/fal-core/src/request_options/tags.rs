//! Tags by which fal's reports can be grouped.

use http::{HeaderName, HeaderValue};

use crate::ConfigError;

const MOST: usize = 10;
const LONGEST_KEY: usize = 64;
const LONGEST_VALUE: usize = 256;
/// Of all tags together, in bytes.
const LONGEST: usize = 1024;

/// Tags in the order in which they were given, unchecked.
#[derive(Clone, Default)]
pub(super) struct Tags(Vec<(String, String)>);

impl Tags {
    pub(super) fn push(&mut self, key: String, value: String) {
        self.0.push((key, value));
    }

    /// The header; none where there is no tag.
    pub(super) fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>, ConfigError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        if MOST < self.0.len() {
            return Err(ConfigError::new("the tags", format!("are {}, and fal takes {MOST}", self.0.len())));
        }
        for (key, value) in &self.0 {
            check(key, value)?;
        }
        let text = self.0.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",");
        if LONGEST < text.len() {
            return Err(ConfigError::new("the tags", format!("have {} bytes, and fal takes {LONGEST}", text.len())));
        }
        let value = HeaderValue::try_from(text)
            .map_err(|error| ConfigError::new("the tags", "cannot be a header").with_source(error))?;
        Ok(Some((HeaderName::from_static("x-fal-tags"), value)))
    }
}

fn check(key: &str, value: &str) -> Result<(), ConfigError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    if key.is_empty() || LONGEST_KEY < key.len() || !key.chars().all(plain) {
        return Err(ConfigError::new("the key of a tag", "must be 1 to 64 of the characters a-z, 0-9, ., _ and -"));
    }
    if key.starts_with("fal.") {
        return Err(ConfigError::new("the key of a tag", "may not begin with fal., which is fal's own"));
    }
    let printable = |c: char| matches!(c, ' '..='~') && c != ',';
    if LONGEST_VALUE < value.len() || !value.chars().all(printable) {
        let rule = "must be up to 256 printable ASCII characters without a comma";
        return Err(ConfigError::new("the value of a tag", rule));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(tags: &[(&str, &str)]) -> Result<Option<String>, String> {
        let mut all = Tags::default();
        for (key, value) in tags {
            all.push((*key).to_owned(), (*value).to_owned());
        }
        let text = |(_, value): (HeaderName, HeaderValue)| value.to_str().unwrap().to_owned();
        all.header().map(|header| header.map(text)).map_err(|error| error.to_string())
    }

    #[test]
    fn tags_are_sent_in_their_order() {
        assert_eq!(header(&[]), Ok(None));
        let sent = header(&[("team", "film crew"), ("a.b_c-1", "")]);
        assert_eq!(sent, Ok(Some("team=film crew,a.b_c-1=".to_owned())));
    }

    #[test]
    fn what_fal_would_drop_is_an_error() {
        let (long_key, long_value) = ("k".repeat(65), "v".repeat(257));
        for tag in [("", "v"), ("Team", "v"), ("a b", "v"), ("fal.x", "v"), (&long_key, "v"), ("k", "a,b")] {
            assert!(header(&[tag]).is_err(), "{tag:?}");
        }
        for value in ["ü", "a\nb", &long_value] {
            assert!(header(&[("k", value)]).is_err(), "{value:?}");
        }
        assert!(header(&[("k", "v"); 11]).is_err());
        let long = "v".repeat(256);
        assert!(header(&[("k", &long[..]); 4]).is_err());
        assert!(header(&[("k", &long[..250]); 4]).is_ok());
    }
}
