//! The six kinds of host that fal has, and the path prefix that stands for each here.

use std::fmt;

/// A kind of fal host. One listener serves them all, each under its own path prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostClass {
    /// `queue.fal.run`: submit, status, result, cancel.
    Queue,
    /// `fal.run`: direct calls.
    Run,
    /// `rest.fal.ai`: storage tokens and initiated uploads.
    Rest,
    /// `v3.fal.media`: uploads and downloads.
    Cdn,
    /// `api.fal.ai`: the platform API.
    Platform,
    /// `fal.ai`: the OpenAPI document of each endpoint.
    Site,
    /// A path under none of the prefixes.
    Other,
}

impl HostClass {
    const PREFIXED: [Self; 6] = [Self::Queue, Self::Run, Self::Rest, Self::Cdn, Self::Platform, Self::Site];

    /// The name that is also the path prefix: `queue`, `run`, `rest`, `cdn`, `platform`, `site`; `other` for none of them.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Run => "run",
            Self::Rest => "rest",
            Self::Cdn => "cdn",
            Self::Platform => "platform",
            Self::Site => "site",
            Self::Other => "other",
        }
    }

    /// The path of the listener for a path that fal itself sees; the reverse of [`HostClass::split`].
    pub(crate) fn prefixed(self, path: &str) -> String {
        match self {
            Self::Other => path.to_owned(),
            class => format!("/{class}{path}"),
        }
    }

    /// Splits a path of the listener into the host class and the path that fal itself would see.
    pub(crate) fn split(path: &str) -> (Self, &str) {
        let inner = path.strip_prefix('/').unwrap_or(path);
        for class in Self::PREFIXED {
            if let Some(rest) = inner.strip_prefix(class.as_str())
                && (rest.is_empty() || rest.starts_with(['/', '?']))
            {
                return (class, rest);
            }
        }
        (Self::Other, path)
    }
}

impl fmt::Display for HostClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<str> for HostClass {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for HostClass {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_only_taken_at_a_segment_boundary() {
        assert_eq!(HostClass::split("/queue/fal-ai/x?logs=1"), (HostClass::Queue, "/fal-ai/x?logs=1"));
        assert_eq!(HostClass::split("/queues/fal-ai"), (HostClass::Other, "/queues/fal-ai"));
        assert_eq!(HostClass::split("/cdn"), (HostClass::Cdn, ""));
        assert_eq!(HostClass::Cdn, "cdn");
    }
}
