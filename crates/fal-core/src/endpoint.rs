//! fal's name for a model.

use std::fmt;

use crate::{ConfigError, Error};

/// fal's name for a model: `owner/alias`, or with a path behind it, as in
/// `fal-ai/kling-video/v2.1/standard/image-to-video`. Names below `workflows/` and `comfy/` have an owner and an
/// alias of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EndpointId {
    text: String,
    app_segments: usize,
}

impl EndpointId {
    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parts of the whole name: a submit goes there.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &str> {
        self.text.split('/')
    }

    /// The parts without the path behind the alias: status, result and cancel go there.
    pub(crate) fn app_segments(&self) -> impl Iterator<Item = &str> {
        self.segments().take(self.app_segments)
    }
}

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for EndpointId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = |reason: &str| Error::Config(ConfigError::new(format!("the endpoint id \"{text}\""), reason));
        let segments: Vec<&str> = text.split('/').collect();
        let app_segments = if ["workflows", "comfy"].contains(&segments[0]) { 3 } else { 2 };
        if segments.len() < app_segments {
            return Err(refused("must have an owner and a name, as in fal-ai/kling-video"));
        }
        let plain = |segment: &&str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            !segment.is_empty() && segment.chars().all(allowed) && !segment.chars().all(|c| c == '.')
        };
        if !segments.iter().all(plain) {
            return Err(refused("may have letters, digits, -, _ and . between its slashes"));
        }
        Ok(Self { text: text.to_owned(), app_segments })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_behind_the_alias_is_left_out_of_request_addresses() {
        for (id, app) in [
            ("fal-ai/kling-video/v2.1/standard/image-to-video", "fal-ai/kling-video"),
            ("fal-ai/flux", "fal-ai/flux"),
            ("workflows/me/flow/x", "workflows/me/flow"),
            ("comfy/me/flow", "comfy/me/flow"),
        ] {
            let id: EndpointId = id.parse().unwrap();
            assert_eq!(id.app_segments().collect::<Vec<_>>().join("/"), app);
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        for id in [
            "",
            "flux",
            "fal-ai/",
            "/flux",
            "fal-ai/../x",
            "fal-ai/a b",
            "fal-ai/x?y",
            "https://fal.run/a",
            "workflows/me",
        ] {
            assert!(id.parse::<EndpointId>().is_err(), "{id}");
        }
    }
}
