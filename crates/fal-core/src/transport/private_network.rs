//! Which addresses lead into private networks, and names that do not.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use futures::future::BoxFuture;
use url::{Host, Url};

/// An address that leads into a private network, where a stranger's address may not lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PrivateNetwork;

impl fmt::Display for PrivateNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address leads into a private network")
    }
}

impl std::error::Error for PrivateNetwork {}

/// Refuses what says by itself that it is private: a number, or a name of this machine.
pub(super) fn check(url: &Url) -> Result<(), PrivateNetwork> {
    let private = match url.host() {
        Some(Host::Ipv4(address)) => !is_public(address.into()),
        Some(Host::Ipv6(address)) => !is_public(address.into()),
        Some(Host::Domain(name)) => name.trim_end_matches('.').rsplit('.').next() == Some("localhost"),
        None => true,
    };
    if private { Err(PrivateNetwork) } else { Ok(()) }
}

/// Whether an address is one of the public internet, as IANA's registries of special-purpose addresses have it
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>, and the same for IPv6).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (100, 64..=127, _) // a provider's own
            | (169, 254, _) // link-local, and the clouds' metadata
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 168, _)
            | (198, 18..=19, _) // benchmarks
            | (198, 51, 100)
            | (203, 0, 113)
            | (224.., ..) // multicast, reserved, broadcast
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Networks without IPv4 reach it so.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocols and tunnels (Teredo, 6to4), and examples.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // All that is given out to anybody; the rest is local, multicast, another writing of IPv4, or nobody's.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

type Found = std::io::Result<Vec<SocketAddr>>;

/// Finds the addresses of a name, and gives out the public ones alone. The check is where the connection gets its
/// address from: a name that leads elsewhere at the second look does not get past it.
#[derive(Clone)]
pub(super) struct PublicAddresses(Arc<dyn Fn(String) -> BoxFuture<'static, Found> + Send + Sync>);

impl PublicAddresses {
    /// Asks the system.
    pub(super) fn of_system() -> Self {
        Self::asking(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) }))
    }

    pub(super) fn asking(look_up: impl Fn(String) -> BoxFuture<'static, Found> + Send + Sync + 'static) -> Self {
        Self(Arc::new(look_up))
    }

    /// The public addresses of a name; [`PrivateNetwork`] when it has others alone.
    pub(super) async fn of(self, name: String) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let mut found = (self.0)(name).await?;
        found.retain(|address| is_public(address.ip()));
        if found.is_empty() { Err(PrivateNetwork.into()) } else { Ok(found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_that_is_not_of_the_public_internet_is_private() {
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::10.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::8.8.8.8",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.1.1",
            "198.17.1.1",
            "198.20.0.0",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450::1",
            "64:ff9b::8.8.8.8",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn an_address_is_private_in_whatever_way_it_is_written() {
        for private in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://017700000001/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://localhost/",
            "https://LOCALHOST:8443/",
            "https://a.localhost/",
            "https://localhost./",
            "https://①27.0.0.1/",
            "file:///etc/passwd",
        ] {
            assert_eq!(check(&Url::parse(private).unwrap()), Err(PrivateNetwork), "{private}");
        }
        for open in
            ["https://example.com/", "https://8.8.8.8/", "https://localhost.example.com/", "https://a-localhost/"]
        {
            assert_eq!(check(&Url::parse(open).unwrap()), Ok(()), "{open}");
        }
    }

    #[tokio::test]
    async fn a_name_is_given_out_with_its_public_addresses_alone() {
        let names = PublicAddresses::asking(|name| {
            let found: &[&str] = match name.as_str() {
                "public.example" => &["8.8.8.8:0", "[2606:4700::1111]:0"],
                "mixed.example" => &["10.0.0.1:0", "8.8.8.8:0"],
                "rebound.example" => &["169.254.169.254:0", "[::1]:0", "[::ffff:10.0.0.1]:0"],
                _ => &[],
            };
            let found = found.iter().map(|address| address.parse().unwrap()).collect();
            Box::pin(std::future::ready(Ok(found)))
        });
        let given_out = async |name: &str| {
            let found = names.clone().of(name.to_owned()).await?;
            Ok(found.into_iter().map(|address| address.ip().to_string()).collect::<Vec<_>>())
                as Result<_, Box<dyn std::error::Error + Send + Sync>>
        };
        assert_eq!(given_out("public.example").await.unwrap(), ["8.8.8.8", "2606:4700::1111"]);
        assert_eq!(given_out("mixed.example").await.unwrap(), ["8.8.8.8"]);
        assert!(given_out("rebound.example").await.unwrap_err().is::<PrivateNetwork>());
    }
}
