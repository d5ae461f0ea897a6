//! The real hosts behind a recorder.

use std::net::IpAddr;

use url::{Host, Url};

use crate::error::Error;
use crate::host_class::HostClass;
use crate::urls::Urls;

/// Which host stands behind each host class of a [`Recorder`](crate::record::Recorder).
///
/// Requests go to these hosts alone, and with them the `Authorization` that the client sent. A URL must be `https`, or `http` on
/// the loopback; it may have a path of its own, which comes before that of each request.
#[derive(Debug, Clone)]
pub struct Upstreams {
    hosts: Vec<Listed>,
}

#[derive(Debug, Clone)]
struct Listed {
    class: HostClass,
    url: String,
    is_further: bool,
    takes_credentials: bool,
}

/// One host, checked.
#[derive(Debug, Clone)]
pub(super) struct Upstream {
    pub(super) class: HostClass,
    /// Without a slash at its end.
    pub(super) base: String,
    /// What is between the prefix of the class and the path: nothing, or `/~v3b.fal.media` for a further host.
    pub(super) marker: String,
    pub(super) takes_credentials: bool,
    pub(super) is_loopback: bool,
}

impl Default for Upstreams {
    fn default() -> Self {
        Self::fal()
    }
}

impl Upstreams {
    /// fal itself: `queue.fal.run`, `fal.run`, `rest.fal.ai`, `v3.fal.media`, `api.fal.ai`; files also on `v3b.fal.media` and `fal.media`,
    /// and on `storage.googleapis.com`, which gets no credentials.
    pub fn fal() -> Self {
        Self { hosts: Vec::new() }
            .with(HostClass::Queue, "https://queue.fal.run")
            .with(HostClass::Run, "https://fal.run")
            .with(HostClass::Rest, "https://rest.fal.ai")
            .with(HostClass::Cdn, "https://v3.fal.media")
            .with(HostClass::Platform, "https://api.fal.ai")
            .with_further_cdn("https://v3b.fal.media")
            .with_further_cdn("https://fal.media")
            .with_storage("https://storage.googleapis.com")
    }

    /// The hosts of an emulator, another recorder or a replay.
    pub fn of(urls: &Urls) -> Self {
        Self { hosts: Vec::new() }
            .with(HostClass::Queue, &urls.queue)
            .with(HostClass::Run, &urls.run)
            .with(HostClass::Rest, &urls.rest)
            .with(HostClass::Cdn, &urls.cdn)
            .with(HostClass::Platform, &urls.platform)
    }

    /// Puts another base URL behind a host class; behind [`HostClass::Other`] there is never one.
    #[must_use]
    pub fn with(mut self, class: HostClass, url: impl Into<String>) -> Self {
        self.hosts.retain(|listed| listed.class != class || listed.is_further);
        if class == HostClass::Other { self } else { self.listed(class, url.into(), false, true) }
    }

    /// One more host of the CDN, kept apart from the first: `https://v3b.fal.media/x` becomes `/cdn/~v3b.fal.media/x`.
    #[must_use]
    pub fn with_further_cdn(self, url: impl Into<String>) -> Self {
        self.listed(HostClass::Cdn, url.into(), true, true)
    }

    /// One more host for files whose signed URLs are permission enough: it never gets the client's `Authorization`.
    #[must_use]
    pub fn with_storage(self, url: impl Into<String>) -> Self {
        self.listed(HostClass::Cdn, url.into(), true, false)
    }

    fn listed(mut self, class: HostClass, url: String, is_further: bool, takes_credentials: bool) -> Self {
        self.hosts.push(Listed { class, url, is_further, takes_credentials });
        self
    }

    /// The hosts, once each URL has proved usable.
    pub(super) fn checked(&self) -> Result<Vec<Upstream>, Error> {
        let check = |listed: &Listed| listed.check().ok_or(Error::Upstream { class: listed.class });
        self.hosts.iter().map(check).collect()
    }
}

impl Listed {
    fn check(&self) -> Option<Upstream> {
        let url = Url::parse(&self.url).ok()?;
        let is_loopback = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => IpAddr::from(address).is_loopback(),
            Host::Ipv6(address) => IpAddr::from(address).is_loopback(),
        };
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
        let is_bare = url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
        (is_safe && is_bare).then(|| Upstream {
            class: self.class,
            base: url.as_str().trim_end_matches('/').to_owned(),
            marker: if self.is_further { format!("/~{}", url.authority()) } else { String::new() },
            takes_credentials: self.takes_credentials,
            is_loopback,
        })
    }
}

/// The host that a path under the prefix of a class is meant for, and the path there.
pub(super) fn target<'a, 'p>(
    hosts: &'a [Upstream],
    class: HostClass,
    path: &'p str,
) -> Option<(&'a Upstream, &'p str)> {
    // A marker names a further host, or none at all.
    let is_further = path.starts_with("/~");
    hosts.iter().filter(|host| host.class == class && host.marker.is_empty() != is_further).find_map(|host| {
        let rest = path.strip_prefix(&host.marker)?;
        (rest.is_empty() || rest.starts_with('/')).then_some((host, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_hosts_have_a_marker_and_unlisted_ones_are_never_asked() {
        let hosts = Upstreams::fal().with(HostClass::Other, "https://example.com").checked().expect("are usable");
        let ask = |class, path| target(&hosts, class, path).map(|(host, rest)| format!("{}{rest}", host.base));
        assert_eq!(ask(HostClass::Queue, "/fal-ai/x").as_deref(), Some("https://queue.fal.run/fal-ai/x"));
        assert_eq!(ask(HostClass::Cdn, "/files/b/x.png").as_deref(), Some("https://v3.fal.media/files/b/x.png"));
        assert_eq!(ask(HostClass::Cdn, "/~v3b.fal.media/x").as_deref(), Some("https://v3b.fal.media/x"));
        assert_eq!(ask(HostClass::Cdn, "/~v3b.fal.media.example.com/x"), None);
        assert_eq!(ask(HostClass::Cdn, "/~example.com/x"), None);
        assert_eq!(ask(HostClass::Queue, "/~v3b.fal.media/x"), None);
        assert_eq!(ask(HostClass::Other, "/x"), None);
    }

    #[test]
    fn a_host_gets_no_key_in_the_open() {
        for url in ["http://queue.fal.run", "ftp://queue.fal.run", "https://user@queue.fal.run", "queue.fal.run", ""] {
            let refused = Upstreams::fal().with(HostClass::Queue, url).checked();
            assert!(matches!(refused, Err(Error::Upstream { class: HostClass::Queue })), "{url}");
        }
        assert!(Upstreams::fal().with(HostClass::Queue, "http://127.0.0.1:1/queue/").checked().is_ok());
    }
}
