//! The environment variables that are read, and the one place that reads them.

use std::collections::HashMap;
use std::path::PathBuf;

use fal_core::{Credentials, HostClass, Hosts};

use crate::Error;

/// fal's key, `id:secret`.
const FAL_KEY: &str = "FAL_KEY";
/// The two halves of fal's key.
const FAL_KEY_HALVES: [&str; 2] = ["FAL_KEY_ID", "FAL_KEY_SECRET"];
/// Where uploads are remembered.
const CACHE_DIR: &str = "VIDEO_GEN_CACHE_DIR";
/// Where each class of fal's hosts is.
const HOST_URLS: [(&str, HostClass); 6] = [
    ("VIDEO_GEN_FAL_QUEUE_URL", HostClass::Queue),
    ("VIDEO_GEN_FAL_RUN_URL", HostClass::Run),
    ("VIDEO_GEN_FAL_REST_URL", HostClass::Rest),
    ("VIDEO_GEN_FAL_CDN_URL", HostClass::Cdn),
    ("VIDEO_GEN_FAL_PLATFORM_URL", HostClass::Platform),
    ("VIDEO_GEN_FAL_SITE_URL", HostClass::Site),
];

/// The environment variables that concern us. A test makes one of its own and touches no process.
#[derive(Clone, Default)]
pub struct Environment(HashMap<String, String>);

// It holds the key.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(variables: T) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl Environment {
    /// The environment of this process.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process() -> Self {
        let names = HOST_URLS.map(|(name, _)| name).into_iter().chain(FAL_KEY_HALVES).chain([FAL_KEY, CACHE_DIR]);
        #[cfg(feature = "otlp")]
        let names = names.chain(crate::telemetry::VARIABLES);
        names.filter_map(|name| Some((name, std::env::var(name).ok()?))).collect()
    }

    /// A variable that is set to something.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// fal's key, if it is set.
    pub(crate) fn credentials(&self) -> Result<Option<Credentials>, Error> {
        let halves = FAL_KEY_HALVES.map(|name| self.get(name));
        let key = match (self.get(FAL_KEY), halves) {
            (Some(key), _) => Some(key.to_owned()),
            (None, [Some(id), Some(secret)]) => Some(format!("{id}:{secret}")),
            (None, [None, None]) => None,
            (None, [Some(_), None]) => {
                return Err(Error::HalfAKey { set: FAL_KEY_HALVES[0], missing: FAL_KEY_HALVES[1] });
            }
            (None, [None, Some(_)]) => {
                return Err(Error::HalfAKey { set: FAL_KEY_HALVES[1], missing: FAL_KEY_HALVES[0] });
            }
        };
        let set_by = if self.get(FAL_KEY).is_some() { FAL_KEY } else { FAL_KEY_HALVES[0] };
        key.map(|key| Credentials::key(&key)).transpose().map_err(|source| setting(set_by, source))
    }

    /// fal's hosts, and which variables have moved them.
    pub(crate) fn hosts(&self) -> Result<(Hosts, Vec<&'static str>), Error> {
        let mut hosts = Hosts::default();
        let mut moved = Vec::new();
        for (name, class) in HOST_URLS {
            if let Some(address) = self.get(name) {
                hosts = hosts.with(class, address).map_err(|source| setting(name, source))?;
                moved.push(name);
            }
        }
        Ok((hosts, moved))
    }

    /// The folder for what can be made again.
    pub(crate) fn cache_folder(&self) -> Result<PathBuf, Error> {
        use etcetera::BaseStrategy;
        if let Some(folder) = self.get(CACHE_DIR) {
            return Ok(PathBuf::from(folder));
        }
        let home = etcetera::choose_base_strategy().map_err(|_| Error::NoHome { set: CACHE_DIR })?;
        Ok(home.cache_dir().join("videogen"))
    }
}

fn setting(name: &'static str, source: fal_core::Error) -> Error {
    Error::Setting { name, source: Box::new(source) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables.iter().copied().collect()
    }

    #[test]
    fn the_key_is_whole_or_in_two_halves() {
        let is_set = |variables: &[(&str, &str)]| environment(variables).credentials().map(|key| key.is_some());
        assert!(!is_set(&[]).unwrap());
        assert!(!is_set(&[("FAL_KEY", " \n")]).unwrap(), "empty counts as unset");
        assert!(is_set(&[("FAL_KEY", "id:secret\n")]).unwrap());
        assert!(is_set(&[("FAL_KEY_ID", "id"), ("FAL_KEY_SECRET", "secret")]).unwrap());
        let half = is_set(&[("FAL_KEY_ID", "id")]).unwrap_err();
        assert_eq!(half.to_string(), "FAL_KEY_ID is set and FAL_KEY_SECRET is not");
    }

    #[test]
    fn a_wrong_address_is_named_by_its_variable() {
        let wrong = environment(&[("VIDEO_GEN_FAL_CDN_URL", "http://example.com")]).hosts().unwrap_err();
        assert!(matches!(wrong, Error::Setting { name: "VIDEO_GEN_FAL_CDN_URL", .. }));
        let (hosts, moved) = environment(&[("VIDEO_GEN_FAL_QUEUE_URL", "http://127.0.0.1:1/queue")]).hosts().unwrap();
        assert_eq!(hosts.get(HostClass::Queue).as_str(), "http://127.0.0.1:1/queue");
        assert_eq!(moved, ["VIDEO_GEN_FAL_QUEUE_URL"]);
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", environment(&[("FAL_KEY", "id:s3cret")])), r#"{"FAL_KEY"}"#);
    }
}
