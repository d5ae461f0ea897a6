//! Where fal delivers: a URL for each attempt, so that a delivery tells which submit it belongs to.

use std::fmt;

use url::Url;

use crate::config::is_loopback;
use crate::{ConfigError, Error};

/// The public address at which webhooks arrive. Each attempt gets a URL of its own below it, which brings a delivery
/// and its submit together even when the answer to the submit, and with it the request id, was lost.
///
/// ```
/// # fn main() -> Result<(), fal_core::Error> {
/// let address = fal_core::webhook::WebhookAddress::new("https://hooks.example/fal")?;
/// let url = address.for_attempt("0192f3a1-7c11")?;
/// assert_eq!(url.as_str(), "https://hooks.example/fal/0192f3a1-7c11");
/// assert_eq!(address.attempt_of("/fal/0192f3a1-7c11"), Some("0192f3a1-7c11"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookAddress(Url);

impl WebhookAddress {
    /// An address. fal delivers to no private one; `http` is allowed on this machine, for an emulator.
    ///
    /// # Errors
    /// [`Error::Config`] when it is none, or is not `https`, or has a user, a query or a fragment.
    pub fn new(address: &str) -> Result<Self, Error> {
        let refused = |reason: &str| Error::Config(ConfigError::new("the address for webhooks", reason));
        let url =
            Url::parse(address.trim()).map_err(|_| refused("is not an address such as https://hooks.example/fal"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(refused("must be https, or http on this machine"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(refused("must be an address without user, query and fragment"));
        }
        Ok(Self(url))
    }

    /// The URL to give fal as `fal_webhook` of this one submit. An attempt id that cannot be guessed keeps strangers
    /// from addressing an attempt.
    ///
    /// # Errors
    /// [`Error::Config`] when the id is empty or has other characters than letters, digits, `-` and `_`.
    pub fn for_attempt(&self, attempt_id: &str) -> Result<Url, Error> {
        if !is_attempt_id(attempt_id) {
            return Err(Error::Config(ConfigError::new("the attempt id", "may have letters, digits, - and _ only")));
        }
        let mut url = self.0.clone();
        // An http address always has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(attempt_id);
        }
        Ok(url)
    }

    /// The attempt id in the target of a delivery: a path as an HTTP server sees it, with or without a query.
    /// `None` when it is not below this address.
    pub fn attempt_of<'a>(&self, target: &'a str) -> Option<&'a str> {
        let path = target.split(['?', '#']).next()?;
        let below = path.strip_prefix(self.0.path().trim_end_matches('/'))?.strip_prefix('/')?;
        is_attempt_id(below).then_some(below)
    }
}

fn is_attempt_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

// The path may be all that keeps strangers out.
impl fmt::Debug for WebhookAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebhookAddress").field(&self.0.origin().ascii_serialization()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attempt_that_a_url_was_made_for_is_read_back() {
        for base in
            ["https://hooks.example", "https://hooks.example/", "https://h.example/a/b", "http://127.0.0.1:1/a/"]
        {
            let address = WebhookAddress::new(base).unwrap();
            let url = address.for_attempt("0192f3a1-7c11_A").unwrap();
            assert_eq!(address.attempt_of(url.path()), Some("0192f3a1-7c11_A"), "{base}");
            assert_eq!(address.attempt_of(&format!("{}?x=1", url.path())), Some("0192f3a1-7c11_A"), "{base}");
        }
    }

    #[test]
    fn a_target_elsewhere_addresses_no_attempt() {
        let address = WebhookAddress::new("https://hooks.example/fal").unwrap();
        for target in ["", "/", "/fal", "/fal/", "/falx", "/fals/x", "/other/x", "/fal/x/y", "/fal/..", "/fal/%41", "x"]
        {
            assert_eq!(address.attempt_of(target), None, "{target}");
        }
    }

    #[test]
    fn an_address_or_id_that_could_lead_elsewhere_is_refused() {
        for address in ["", "hooks", "http://hooks.example", "ftp://127.0.0.1", "https://u:p@h", "https://h/?a=1"] {
            assert!(WebhookAddress::new(address).is_err(), "{address}");
        }
        let address = WebhookAddress::new("https://hooks.example/fal").unwrap();
        for id in ["", "..", "a/b", "a?b", "a b", "ä"] {
            assert!(address.for_attempt(id).is_err(), "{id}");
        }
    }
}
