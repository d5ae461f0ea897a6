//! The key, which cannot be printed.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::{ConfigError, Error};

/// What proves to fal who pays. `Debug` shows nothing of it.
#[derive(Debug, Clone)]
pub struct Credentials(SecretString);

impl Credentials {
    /// A key as fal gives it: `key_id:key_secret`. Spaces and line ends around it are dropped.
    ///
    /// # Errors
    /// [`Error::Config`] when it is empty or has characters that no header can carry. Whether fal knows it shows in
    /// the first call.
    pub fn key(key: &str) -> Result<Self, Error> {
        let refused = |reason| Error::Config(ConfigError::new("the fal key", reason));
        let key = key.trim();
        if key.is_empty() {
            return Err(refused("is empty; create one at https://fal.ai/dashboard/keys"));
        }
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused(
                "has characters that are not in a key; copy it again from https://fal.ai/dashboard/keys",
            ));
        }
        Ok(Self(SecretString::from(key)))
    }

    /// The value of the `Authorization` header, marked so that nothing logs it.
    pub(crate) fn header(&self) -> HeaderValue {
        sensitive("Key", &self.0)
    }
}

/// An `Authorization` value that nothing logs.
pub(crate) fn sensitive(scheme: &str, secret: &SecretString) -> HeaderValue {
    let text = format!("{scheme} {}", secret.expose_secret());
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("invalid"));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_trimmed_and_never_shown() {
        let credentials = Credentials::key(" id:s3cret\n").unwrap();
        assert_eq!(credentials.header(), "Key id:s3cret");
        assert!(!format!("{credentials:?} {:?}", credentials.header()).contains("s3cret"));
    }

    #[test]
    fn what_no_header_can_carry_is_refused() {
        for key in ["", "  \n", "id:\u{201c}quoted\u{201d}", "id:se\ncret"] {
            assert!(Credentials::key(key).is_err(), "{key:?}");
        }
    }
}
