//! The key, which cannot be printed.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::{ConfigError, Error};

/// What proves to fal who pays. `Debug` shows nothing of it, and it is sent to the configured hosts only.
#[derive(Debug, Clone)]
pub struct Credentials {
    scheme: &'static str,
    secret: SecretString,
}

impl Credentials {
    /// A key as fal gives it: `key_id:key_secret`. Spaces and line ends around it are dropped.
    ///
    /// # Errors
    /// [`Error::Config`] when it is empty or has characters that no header can carry. Whether fal knows it shows in
    /// the first call.
    pub fn key(key: &str) -> Result<Self, Error> {
        Self::new("Key", key)
    }

    /// A token that is sent as `Bearer`: that of `fal auth login`, or what a gateway in front of fal wants.
    ///
    /// # Errors
    /// As for [`key`](Self::key).
    pub fn bearer(token: &str) -> Result<Self, Error> {
        Self::new("Bearer", token)
    }

    fn new(scheme: &'static str, secret: &str) -> Result<Self, Error> {
        let refused = |reason| Error::Config(ConfigError::new("the fal key", reason));
        let secret = secret.trim();
        if secret.is_empty() {
            return Err(refused("is empty; create one at https://fal.ai/dashboard/keys"));
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused(
                "has characters that are not in a key; copy it again from https://fal.ai/dashboard/keys",
            ));
        }
        Ok(Self { scheme, secret: SecretString::from(secret) })
    }

    /// The value of the `Authorization` header, marked so that nothing logs it.
    pub(crate) fn header(&self) -> HeaderValue {
        sensitive(self.scheme, &self.secret)
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
        for (credentials, header) in [
            (Credentials::key(" id:s3cret\n").unwrap(), "Key id:s3cret"),
            (Credentials::bearer("\tid:s3cret\r\n").unwrap(), "Bearer id:s3cret"),
        ] {
            assert_eq!(credentials.header(), header);
            assert!(!format!("{credentials:?} {credentials:#?} {:?}", credentials.header()).contains("s3cret"));
        }
    }

    #[test]
    fn what_no_header_can_carry_is_refused() {
        for key in ["", "  \n", "id:\u{201c}quoted\u{201d}", "id:se\ncret"] {
            assert!(Credentials::key(key).is_err() && Credentials::bearer(key).is_err(), "{key:?}");
        }
    }
}
