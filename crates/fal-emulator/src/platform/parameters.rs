//! The query of a platform call; a name may come more than once.

use serde::Deserialize;

use crate::models::{self, Model};
use crate::platform::refusal::Refusal;

/// How many endpoint ids one call may name.
const MOST_ENDPOINTS: usize = 50;

/// Names and values in the order of the query.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The first value of a name.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of a name.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a name, each of which must be one of these.
    pub(super) fn among<'a>(&'a self, name: &str, allowed: &[&str]) -> Result<Vec<&'a str>, Refusal> {
        let given: Vec<_> = self.all(name).collect();
        match given.iter().find(|value| !allowed.contains(value)) {
            Some(_) => Err(Refusal::invalid(format!("{name} must be one of: {}", allowed.join(", ")))),
            None => Ok(given),
        }
    }
}

/// The models of 1 to 50 endpoint ids.
pub(super) fn find_models(ids: &[&str]) -> Result<Vec<&'static Model>, Refusal> {
    if ids.is_empty() || ids.len() > MOST_ENDPOINTS {
        return Err(Refusal::invalid(format!("endpoint_id must be given 1 to {MOST_ENDPOINTS} times")));
    }
    ids.iter().map(|id| find_model(id)).collect()
}

/// The model of an endpoint id.
pub(super) fn find_model(id: &str) -> Result<&'static Model, Refusal> {
    models::find(id).ok_or_else(|| Refusal::not_found(format!("Endpoint '{id}' not found")))
}
