//! The secrets met so far, the stand-in of each, and the search for them in whatever spelling.

use data_encoding::HEXLOWER_PERMISSIVE;

const STAND_IN: &str = "secret-";
/// A shorter secret is replaced only where it stands as one: `id` is part of too many words.
const SHORTEST: usize = 8;

/// Secrets in the order they were met.
pub(super) struct KnownSecrets {
    all: Vec<Secret>,
    /// Those that are looked for everywhere, by their first byte.
    by_first: Vec<Vec<usize>>,
}

struct Secret {
    value: String,
    stand_in: String,
}

impl Default for KnownSecrets {
    fn default() -> Self {
        Self { all: Vec::new(), by_first: vec![Vec::new(); 256] }
    }
}

impl KnownSecrets {
    /// The stand-in of a secret; that of a stand-in is itself, so that nothing is replaced twice.
    pub(super) fn stand_in(&mut self, value: &str) -> String {
        if value.is_empty() || is_stand_in(value) {
            return value.to_owned();
        }
        if let Some(secret) = self.all.iter().find(|secret| secret.value == value) {
            return secret.stand_in.clone();
        }
        if value.len() >= SHORTEST {
            self.by_first[usize::from(value.as_bytes()[0])].push(self.all.len());
        }
        let stand_in = format!("{STAND_IN}{}", self.all.len() + 1);
        self.all.push(Secret { value: value.to_owned(), stand_in: stand_in.clone() });
        stand_in
    }

    /// The bytes with a stand-in for each secret in them, where there is one.
    pub(super) fn replaced(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let (mut out, mut kept, mut at) = (Vec::new(), 0, 0);
        while at < bytes.len() {
            let Some((length, stand_in)) = self.longest_at(&bytes[at..]) else {
                at += 1;
                continue;
            };
            out.extend_from_slice(&bytes[kept..at]);
            out.extend_from_slice(stand_in.as_bytes());
            at += length;
            kept = at;
        }
        (kept > 0).then(|| [out.as_slice(), &bytes[kept..]].concat())
    }

    /// The text without the part of a secret that it ends with, as a text does that was cut.
    pub(super) fn without_fragment(&self, text: &str) -> Option<String> {
        self.everywhere().find_map(|Secret { value, stand_in }| {
            let length = (SHORTEST / 2..value.len())
                .rev()
                .find(|length| text.as_bytes().ends_with(&value.as_bytes()[..*length]))?;
            Some(format!("{}{stand_in}", &text[..text.len() - length]))
        })
    }

    /// The longest secret that the bytes begin with, and how many of them it takes.
    fn longest_at(&self, bytes: &[u8]) -> Option<(usize, &str)> {
        let first = *bytes.first()?;
        let plain = self.by_first[usize::from(first)].iter().map(|index| &self.all[*index]);
        let escaped = self.everywhere().filter(|_| is_escape(first));
        let found = plain
            .chain(escaped)
            .filter_map(|secret| Some((length_of(bytes, secret.value.as_bytes())?, secret.stand_in.as_str())));
        found.max_by_key(|(length, _)| *length)
    }

    fn everywhere(&self) -> impl Iterator<Item = &Secret> {
        self.all.iter().filter(|secret| secret.value.len() >= SHORTEST)
    }
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

/// How many bytes the secret takes at the start of these, plain or with percent signs or backslashes in it.
fn length_of(bytes: &[u8], secret: &[u8]) -> Option<usize> {
    if bytes.starts_with(secret) {
        return Some(secret.len());
    }
    // Up to its first escape, a spelling is as long as what it spells.
    bytes.iter().take(secret.len()).find(|byte| is_escape(**byte))?;
    let mut ends = vec![0];
    for wanted in secret {
        ends =
            ends.iter().flat_map(|at| lengths_of_one(&bytes[*at..], *wanted).map(move |length| at + length)).collect();
        if ends.is_empty() {
            return None;
        }
    }
    ends.into_iter().max()
}

/// How many bytes one byte of a secret may take at the start of these. A `%25` may be spelt or be itself, so there can be several answers.
fn lengths_of_one(bytes: &[u8], wanted: u8) -> impl Iterator<Item = usize> {
    let plain = (bytes.first() == Some(&wanted)).then_some(1);
    let backslash = match bytes {
        [b'\\', b'u', b'0', b'0', high, low, ..] if hex(&[*high, *low]) == Some(wanted) => Some(6),
        [b'\\', next, ..] if *next == wanted => Some(2),
        _ => None,
    };
    // Each encoding of an encoding puts one more `25` behind the percent sign.
    let digits = bytes.strip_prefix(b"%").unwrap_or_default();
    let encodings = 1 + digits.chunks_exact(2).take_while(|pair| *pair == b"25").count();
    let percent = digits.chunks_exact(2).take(encodings).enumerate();
    let percent = percent.filter(move |(_, pair)| hex(pair) == Some(wanted)).map(|(more, _)| 3 + 2 * more);
    plain.into_iter().chain(backslash).chain(percent)
}

fn is_escape(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\')
}

fn hex(digits: &[u8]) -> Option<u8> {
    HEXLOWER_PERMISSIVE.decode(digits).ok()?.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(secrets: &[&str], text: &str) -> String {
        let mut known = KnownSecrets::default();
        for secret in secrets {
            known.stand_in(secret);
        }
        known.replaced(text.as_bytes()).map_or(text.to_owned(), |bytes| String::from_utf8(bytes).expect("is text"))
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let secret = "ab/cd+12=\"";
        for text in [
            "ab/cd+12=\"",
            "ab%2Fcd%2b12%3D%22",
            "ab%252Fcd%25252B12=%22",
            r#"ab\/cd+12=\""#,
            r"\u0061b/cd\u002B12\u003d\u0022",
        ] {
            assert_eq!(replaced(&[secret], &format!("<{text}>")), "<secret-1>", "{text}");
        }
    }

    #[test]
    fn a_secret_that_looks_encoded_itself_is_found_too() {
        for text in ["A%25%_A_A", "A%2525%25%5FA%5FA", "A%252525%2525%255FA%255FA"] {
            assert_eq!(replaced(&["A%25%_A_A"], &format!("<{text}>")), "<secret-1>", "{text}");
        }
    }

    #[test]
    fn the_longest_secret_counts_and_a_short_one_is_left_in_words() {
        assert_eq!(replaced(&["12345678", "123456789", "id"], "12345678 123456789 video"), "secret-1 secret-2 video");
    }

    #[test]
    fn equal_stays_equal_and_a_stand_in_stays_itself() {
        let mut known = KnownSecrets::default();
        let [one, two, again] = ["key", "other", "key"].map(|secret| known.stand_in(secret));
        assert_eq!((one.as_str(), two.as_str(), again.as_str()), ("secret-1", "secret-2", "secret-1"));
        assert_eq!(known.stand_in("secret-7"), "secret-7");
        assert_eq!(anonymous("x secret-1 secret-23, secret-"), "x secret- secret-, secret-");
    }

    #[test]
    fn the_part_of_a_secret_at_the_end_of_a_cut_text_goes_too() {
        let mut known = KnownSecrets::default();
        known.stand_in("key-secret");
        assert_eq!(known.without_fragment("the key-sec").as_deref(), Some("the secret-1"));
        assert_eq!(known.without_fragment("the key"), None);
    }
}
