//! fal's official backup domains, for when its own cannot be connected.

use url::Url;

use crate::{HostClass, Hosts};

impl Hosts {
    /// The same address on fal's backup domain. There is none for other classes, nor for a host that was pointed
    /// elsewhere.
    pub(crate) fn backup(&self, class: HostClass, url: &Url) -> Option<Url> {
        let domain = match class {
            HostClass::Queue => "queue.falrun.com",
            HostClass::Run => "falrun.com",
            _ => return None,
        };
        if self.get(class) != Self::default().get(class) || !self.owns(class, url) {
            return None;
        }
        let mut backup = url.clone();
        backup.set_host(Some(domain)).ok()?;
        Some(backup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup(hosts: &Hosts, class: HostClass, url: &str) -> Option<String> {
        hosts.backup(class, &Url::parse(url).unwrap()).map(String::from)
    }

    #[test]
    fn only_fals_own_queue_and_run_hosts_have_a_backup() {
        let fal = Hosts::default();
        for (class, url, expected) in [
            (HostClass::Queue, "https://queue.fal.run/a/b?logs=1", Some("https://queue.falrun.com/a/b?logs=1")),
            (HostClass::Run, "https://fal.run/a/b", Some("https://falrun.com/a/b")),
            (HostClass::Queue, "https://evil.example/a/b", None),
            (HostClass::Queue, "http://queue.fal.run/a/b", None),
            (HostClass::Rest, "https://rest.fal.ai/x", None),
            (HostClass::Cdn, "https://v3.fal.media/x", None),
            (HostClass::Platform, "https://api.fal.ai/x", None),
        ] {
            assert_eq!(backup(&fal, class, url).as_deref(), expected, "{url}");
        }
        for base in ["https://proxy.example", "http://127.0.0.1:8080", "https://queue.fal.run/below"] {
            let elsewhere = Hosts::default().with(HostClass::Queue, base).unwrap();
            assert_eq!(backup(&elsewhere, HostClass::Queue, &format!("{base}/a/b")), None, "{base}");
        }
    }
}
