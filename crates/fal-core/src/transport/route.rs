//! Which way a request goes.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::private_network::{self, PrivateNetwork};
use super::{Proxy, TransportConfig};
use crate::Hosts;
use crate::config::is_loopback;

/// Which way a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// Through the proxy, where there is one.
    Usual,
    /// Past the proxy, which cannot reach this machine's own addresses.
    Loopback,
    /// Past the proxy, to public addresses alone.
    Public,
}

/// Knows whom to trust, and what goes through a proxy.
#[derive(Debug)]
pub(super) struct Routes {
    hosts: Hosts,
    private_networks: bool,
    proxy: Proxied,
}

#[derive(Debug)]
enum Proxied {
    Never,
    Always,
    AsEnvironmentSays(Box<Matcher>),
}

impl Routes {
    pub(super) fn new(hosts: &Hosts, config: &TransportConfig) -> Self {
        let proxy = match config.proxy {
            Proxy::None => Proxied::Never,
            Proxy::At(_) => Proxied::Always,
            Proxy::Environment => Proxied::AsEnvironmentSays(Box::new(Matcher::from_system())),
        };
        Self { hosts: hosts.clone(), private_networks: config.private_networks, proxy }
    }

    /// The way to an address, unless it leads where it must not.
    pub(super) fn of(&self, url: &Url) -> Result<Route, PrivateNetwork> {
        if !self.private_networks && !self.hosts.include(url) && !is_fals_own(url) {
            private_network::check(url)?;
            // Behind a proxy the proxy finds the addresses of names, and its own may be private.
            return Ok(if self.is_proxied(url) { Route::Usual } else { Route::Public });
        }
        Ok(if is_loopback(url) { Route::Loopback } else { Route::Usual })
    }

    fn is_proxied(&self, url: &Url) -> bool {
        match &self.proxy {
            Proxied::Never => false,
            Proxied::Always => true,
            Proxied::AsEnvironmentSays(matcher) => {
                url.as_str().parse().is_ok_and(|address| matcher.intercept(&address).is_some())
            }
        }
    }
}

/// Whether a name is fal's. Its files are on many hosts, and whoever answers proves by TLS that he is fal: that a network
/// leads its names through a private address, as some do with all names, is no harm.
fn is_fals_own(url: &Url) -> bool {
    let is_below = |name: &str| {
        ["fal.media", "fal.run", "fal.ai", "falrun.com"]
            .iter()
            .any(|domain| name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    };
    url.scheme() == "https" && url.domain().is_some_and(is_below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HostClass;

    fn route(config: &TransportConfig, address: &str) -> Result<Route, PrivateNetwork> {
        let hosts = Hosts::default().with(HostClass::Cdn, "http://127.0.0.1:8080/cdn").unwrap();
        let hosts = hosts.with(HostClass::Queue, "https://10.0.0.7").unwrap();
        Routes::new(&hosts, config).of(&Url::parse(address).unwrap())
    }

    #[test]
    fn strangers_addresses_are_public_and_configured_hosts_go_as_they_are_told() {
        let direct = TransportConfig::default();
        let proxied = TransportConfig { proxy: Proxy::at("http://10.0.0.1:3128").unwrap(), ..direct.clone() };
        let open = TransportConfig { private_networks: true, ..direct.clone() };
        for (address, directly, by_proxy, openly) in [
            ("http://127.0.0.1:8080/a", Ok(Route::Loopback), Ok(Route::Loopback), Ok(Route::Loopback)),
            ("https://10.0.0.7/a", Ok(Route::Usual), Ok(Route::Usual), Ok(Route::Usual)),
            ("https://fal.run/a", Ok(Route::Usual), Ok(Route::Usual), Ok(Route::Usual)),
            ("https://v3b.fal.media/a", Ok(Route::Usual), Ok(Route::Usual), Ok(Route::Usual)),
            ("http://v3b.fal.media/a", Ok(Route::Public), Ok(Route::Usual), Ok(Route::Usual)),
            ("https://evilfal.media/a", Ok(Route::Public), Ok(Route::Usual), Ok(Route::Usual)),
            ("https://example.com/a", Ok(Route::Public), Ok(Route::Usual), Ok(Route::Usual)),
            ("http://127.0.0.1:8081/a", Err(PrivateNetwork), Err(PrivateNetwork), Ok(Route::Loopback)),
            ("https://10.0.0.7:8443/a", Err(PrivateNetwork), Err(PrivateNetwork), Ok(Route::Usual)),
            ("https://[::ffff:10.0.0.7]/a", Err(PrivateNetwork), Err(PrivateNetwork), Ok(Route::Usual)),
        ] {
            assert_eq!(route(&direct, address), directly, "{address}");
            assert_eq!(route(&proxied, address), by_proxy, "{address}");
            assert_eq!(route(&open, address), openly, "{address}");
        }
    }
}
