//! The token that callers have to show.

use std::fmt;

use aws_lc_rs::constant_time;

use crate::Error;

/// The least number of characters.
const LEAST: usize = 16;

/// The token that callers have to show. It cannot be printed.
#[derive(Clone)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    /// A token; space around it does not count.
    ///
    /// # Errors
    /// [`Error::WeakToken`] when it has fewer than 16 characters.
    pub fn new(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let length = text.chars().count();
        if length < LEAST { Err(Error::WeakToken { length, least: LEAST }) } else { Ok(Self(text.to_owned())) }
    }

    /// Whether this is the token. How long the answer takes tells nothing but the length.
    pub(crate) fn is(&self, shown: &str) -> bool {
        constant_time::verify_slices_are_equal(self.0.as_bytes(), shown.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_is_the_token() {
        let token = Token::new(" 0123456789abcdef\n").unwrap();
        assert!(token.is("0123456789abcdef"));
        for wrong in ["", "0123456789abcdeg", "0123456789abcde", "0123456789abcdef0", " 0123456789abcdef"] {
            assert!(!token.is(wrong), "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "Token(..)");
    }

    #[test]
    fn a_short_token_is_refused() {
        assert!(matches!(Token::new("  short  "), Err(Error::WeakToken { length: 5, least: 16 })));
    }
}
