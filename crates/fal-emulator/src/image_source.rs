//! Finds the bytes behind an image URL: a file of this emulator or a data URI. The network is never touched.

use data_encoding::BASE64;

use crate::fal_hosts;
use crate::files::Files;
use crate::host_class::HostClass;

/// The bytes behind the URL; `None` where fal could not have downloaded it. Blocks on the disk.
pub(crate) fn load(url: &str, files: &Files) -> Option<Vec<u8>> {
    if let Some(data) = url.strip_prefix("data:") {
        let (_, encoded) = data.split_once(";base64,")?;
        return BASE64.decode(encoded.trim().as_bytes()).ok();
    }
    let id = own_file(url)?;
    files.find(id)?;
    std::fs::read(files.content(id)).ok()
}

/// The file id in a CDN URL on any loopback address, or by one of the names of fal's CDN. The port is not compared: the
/// emulator may have restarted on another one, or stand behind a proxy, and ids are unique.
fn own_file(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let (authority, path) = rest.split_once('/')?;
    if !is_loopback(authority) && fal_hosts::class_of(authority) != Some(HostClass::Cdn) {
        return None;
    }
    let (_, file) = path.split_once("files/b/")?;
    file.split('/').next()
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "localhost" | "[::1]") || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_of_loopback_and_of_fals_cdn_name_a_file_of_ours() {
        assert_eq!(own_file("http://127.0.0.1:4000/cdn/files/b/abc/picture.png"), Some("abc"));
        assert_eq!(own_file("https://localhost/cdn/files/b/abc/picture.png?x=1"), Some("abc"));
        assert_eq!(own_file("http://[::1]:80/cdn/files/b/abc/p.png"), Some("abc"));
        assert_eq!(own_file("https://v3.fal.media/files/b/abc/p.png"), Some("abc"));
        assert_eq!(own_file("https://V3b.fal.media:443/files/b/abc/p.png"), Some("abc"));
        assert_eq!(own_file("https://queue.fal.run/files/b/abc/p.png"), None);
        assert_eq!(own_file("https://v3.fal.media.example.com/files/b/abc/p.png"), None);
        assert_eq!(own_file("http://127.0.0.1:4000/elsewhere"), None);
        assert_eq!(own_file("http://user@example.com/files/b/abc/p.png"), None);
        assert_eq!(own_file("ftp://127.0.0.1/files/b/abc/p.png"), None);
    }
}
