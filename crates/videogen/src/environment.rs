//! The environment variables that are read, and the one place that reads them.

use std::collections::HashMap;

use fal_core::Credentials;

use crate::Error;

/// fal's key, `id:secret`.
const FAL_KEY: &str = "FAL_KEY";
/// The two halves of fal's key.
const FAL_KEY_HALVES: [&str; 2] = ["FAL_KEY_ID", "FAL_KEY_SECRET"];
/// What the names of our own variables begin with.
const PREFIX: &str = "VIDEO_GEN_";

/// What the names of variables begin with that object stores know.
const CLOUDS: [&str; 3] = ["AWS_", "GOOGLE_", "AZURE_"];

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
        let of_cloud = |name: &str| CLOUDS.iter().any(|prefix| name.starts_with(prefix));
        let own = |name: &str| name.starts_with(PREFIX) || name == FAL_KEY || FAL_KEY_HALVES.contains(&name);
        #[cfg(feature = "otlp")]
        let own = |name: &str| own(name) || crate::telemetry::VARIABLES.contains(&name);
        let concerns = |name: &str| own(name) || of_cloud(name);
        let text = |text: std::ffi::OsString| text.into_string().ok();
        let all = std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?)));
        all.filter(|(name, _)| concerns(name)).collect()
    }

    /// What object stores are told: the variables of their providers.
    pub(crate) fn of_clouds(&self) -> Vec<(String, String)> {
        let of_cloud = |name: &str| CLOUDS.iter().any(|prefix| name.starts_with(prefix));
        self.iter()
            .filter(|(name, _)| of_cloud(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// All variables, in the order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut all: Vec<_> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.sort_unstable();
        all.into_iter()
    }

    /// With these variables where it has none of the name.
    pub(crate) fn completed_by(&self, others: Vec<(String, String)>) -> Self {
        let mut variables: HashMap<String, String> = others.into_iter().collect();
        variables.extend(
            self.iter()
                .filter(|(name, _)| self.get(name).is_some())
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        Self(variables)
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
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", environment(&[("FAL_KEY", "id:s3cret")])), r#"{"FAL_KEY"}"#);
    }
}
