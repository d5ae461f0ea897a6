//! How connections are made: how many, through what proxy, under what name.

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::{ConfigError, Error};

/// How connections are made.
///
/// # Defaults
/// - `connections`: 20 to each class of hosts
/// - `streams`: 1,000
/// - `idle_connections`: 10 to each host
/// - `idle_for`: 60 s
/// - `proxy`: none
/// - `root_certificates`: none besides the system's
/// - `user_agent`: `fal-core/<version> (rust)`
/// - `private_networks`: no
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportConfig {
    /// So many calls to one class of hosts at the same time; the others wait for their turn. A file that is being read
    /// counts until it ends, a status stream only until it is open.
    pub connections: usize,
    /// So many status streams at the same time; requests beyond are watched by polls. With HTTP/2 a hundred of them
    /// share a connection; with HTTP/1.1 each has one of its own.
    pub streams: usize,
    /// So many connections to one host are kept when nobody uses them.
    pub idle_connections: usize,
    /// So long they are kept.
    pub idle_for: Duration,
    /// Through what proxy they go.
    pub proxy: Proxy,
    /// Authorities that are trusted besides the system's, as certificates in PEM: that of a proxy which looks into TLS,
    /// or of an emulator.
    pub root_certificates: Option<Vec<u8>>,
    /// What `User-Agent` says.
    pub user_agent: String,
    /// Whether the address of a file that is on none of the configured hosts may lead into a private network: to this
    /// machine, its neighbours, or a cloud's metadata. Whoever lets others name addresses leaves it at no. A proxy finds
    /// the addresses of names itself, so that behind one only addresses in numbers are refused.
    pub private_networks: bool,
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connections: 20,
            streams: 1000,
            idle_connections: 10,
            idle_for: Duration::from_secs(60),
            proxy: Proxy::None,
            root_certificates: None,
            user_agent: concat!("fal-core/", env!("CARGO_PKG_VERSION"), " (rust)").to_owned(),
            private_networks: false,
        }
    }
}

/// Through what proxy connections go. This machine's own addresses are reached without one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Proxy {
    /// None, whatever the environment says.
    #[default]
    None,
    /// The one that `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` name, in upper or lower case.
    Environment,
    /// This one.
    At(ProxyAddress),
}

impl Proxy {
    /// A proxy at an address such as `http://user:password@proxy.example:3128`.
    ///
    /// # Errors
    /// [`Error::Config`] when it is no address that begins with `http://` or `https://`.
    pub fn at(address: &str) -> Result<Self, Error> {
        let refused = || ConfigError::new("the address of the proxy", "must be one such as http://proxy.example:3128");
        let url = Url::parse(address.trim()).map_err(|_| refused())?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(refused().into());
        }
        Ok(Self::At(ProxyAddress(url)))
    }
}

/// The address of a proxy. `Debug` shows neither user nor password.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyAddress(Url);

impl ProxyAddress {
    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.origin().ascii_serialization())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_password_is_not_shown() {
        let proxy = Proxy::at(" http://me:s3cret@proxy.example:3128 ").unwrap();
        assert_eq!(format!("{proxy:?}"), "At(http://proxy.example:3128)");
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_repeating_it() {
        for address in ["", "proxy.example:3128", "socks5://me:s3cret@proxy.example", "http://"] {
            let error = Proxy::at(address).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{address}");
        }
    }
}
