//! A URL that names a file of this emulator.

use std::net::Ipv4Addr;

use crate::fal_hosts;
use crate::host_class::HostClass;

/// What a CDN URL on any loopback address, or by one of the names of fal's CDN, says. The port is not compared: the emulator may have restarted on another
/// one, or stand behind a proxy, and ids are unique.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileAddress<'a> {
    pub(crate) id: &'a str,
    /// What follows the `?`.
    pub(crate) query: Option<&'a str>,
}

impl<'a> FileAddress<'a> {
    /// Reads a URL; `None` where it does not name a file here.
    pub(crate) fn parse(url: &'a str) -> Option<Self> {
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
        let (authority, path) = rest.split_once('/')?;
        if !is_loopback(authority) && fal_hosts::class_of(authority) != Some(HostClass::Cdn) {
            return None;
        }
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let (_, file) = path.split_once("files/b/")?;
        Some(Self { id: file.split('/').next()?, query })
    }

    /// The signature in a signed URL.
    pub(crate) fn identity(&self) -> Option<&'a str> {
        self.query?.split('&').find_map(|pair| pair.strip_prefix("identity="))
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "localhost" | "[::1]") || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_of_loopback_and_of_fals_cdn_name_a_file_of_ours() {
        let id = |url| FileAddress::parse(url).map(|address| address.id);
        assert_eq!(id("http://127.0.0.1:4000/cdn/files/b/abc/picture.png"), Some("abc"));
        assert_eq!(id("https://localhost/cdn/files/b/abc/picture.png?x=1"), Some("abc"));
        assert_eq!(id("http://[::1]:80/cdn/files/b/abc/p.png"), Some("abc"));
        assert_eq!(id("https://v3.fal.media/files/b/abc/p.png"), Some("abc"));
        assert_eq!(id("https://V3b.fal.media:443/files/b/abc/p.png"), Some("abc"));
        assert_eq!(id("https://queue.fal.run/files/b/abc/p.png"), None);
        assert_eq!(id("https://v3.fal.media.example.com/files/b/abc/p.png"), None);
        assert_eq!(id("http://127.0.0.1:4000/elsewhere"), None);
        assert_eq!(id("http://user@example.com/files/b/abc/p.png"), None);
        assert_eq!(id("ftp://127.0.0.1/files/b/abc/p.png"), None);
    }

    #[test]
    fn the_signature_is_found_in_the_query() {
        let identity = |url| FileAddress::parse(url).and_then(|address| address.identity());
        assert_eq!(identity("http://localhost/cdn/files/b/abc/p.png?identity=12.ab"), Some("12.ab"));
        assert_eq!(identity("http://localhost/cdn/files/b/abc/p.png?x=1&identity=12.ab"), Some("12.ab"));
        assert_eq!(identity("http://localhost/cdn/files/b/abc/p.png"), None);
    }
}
