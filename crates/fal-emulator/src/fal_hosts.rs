//! fal's own host names, and what each of them serves.

use crate::host_class::HostClass;

/// The names that fal's clients have built in. `falrun.com` is fal's backup domain, `fal.ai` the website.
const NAMES: [(&str, HostClass); 10] = [
    ("queue.fal.run", HostClass::Queue),
    ("queue.falrun.com", HostClass::Queue),
    ("fal.run", HostClass::Run),
    ("falrun.com", HostClass::Run),
    ("rest.fal.ai", HostClass::Rest),
    ("rest.alpha.fal.ai", HostClass::Rest),
    ("fal.media", HostClass::Cdn),
    ("*.fal.media", HostClass::Cdn),
    ("api.fal.ai", HostClass::Platform),
    ("fal.ai", HostClass::Site),
];

/// The domains that all of fal's names are in. An authority that is already kept vouches for these alone, so that one
/// more domain asks for a new authority under another file name.
pub(crate) const DOMAINS: [&str; 4] = ["fal.run", "falrun.com", "fal.ai", "fal.media"];

/// Every name, wildcards as in a certificate.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// What the host of an authority, with or without a port, serves at fal; `None` for a host that is not fal's.
pub(crate) fn class_of(authority: &str) -> Option<HostClass> {
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    let host = host.strip_suffix('.').unwrap_or(host);
    NAMES.iter().find(|(name, _)| matches(name, host)).map(|(_, class)| *class)
}

/// As in a certificate: a star stands for one label.
fn matches(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        None => host.eq_ignore_ascii_case(name),
        Some(domain) => host.split_once('.').is_some_and(|(label, rest)| {
            rest.eq_ignore_ascii_case(domain)
                && !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_in_any_case_with_a_port_and_with_a_final_dot() {
        assert_eq!(class_of("queue.fal.run"), Some(HostClass::Queue));
        assert_eq!(class_of("Queue.Fal.Run:443"), Some(HostClass::Queue));
        assert_eq!(class_of("fal.run."), Some(HostClass::Run));
        assert_eq!(class_of("v3b.fal.media"), Some(HostClass::Cdn));
        assert_eq!(class_of("v9.fal.media"), Some(HostClass::Cdn));
    }

    #[test]
    fn no_other_name_passes_for_one_of_fals() {
        for other in ["", "127.0.0.1:8811", "[::1]:80", "example.com", "xfal.run", "fal.run.example.com", "auth.fal.ai"]
        {
            assert_eq!(class_of(other), None, "{other}");
        }
        for other in [".fal.media", "a.b.fal.media", "user@v3.fal.media", "xfal.media", "*.fal.media"] {
            assert_eq!(class_of(other), None, "{other}");
        }
    }

    #[test]
    fn every_name_is_in_one_of_the_domains() {
        for name in names() {
            assert!(DOMAINS.iter().any(|domain| name == *domain || name.ends_with(&format!(".{domain}"))), "{name}");
        }
    }
}
