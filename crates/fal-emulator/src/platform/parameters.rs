//! The query of a platform call; a name may come more than once.

use serde::Deserialize;

use crate::models::{self, Model};
use crate::platform::refusal::Refusal;

/// How many ids of one kind a call may name.
const MOST_IDS: usize = 50;

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

    /// The first value of a name, which must be one of these.
    pub(super) fn choice<'a>(&'a self, name: &str, allowed: &[&str]) -> Result<Option<&'a str>, Refusal> {
        Ok(self.among(name, allowed)?.first().copied())
    }

    /// At most 50 ids, repeated or separated by commas.
    pub(super) fn ids<'a>(&'a self, name: &'a str) -> Result<Vec<&'a str>, Refusal> {
        let ids: Vec<_> = self.all(name).flat_map(|ids| ids.split(',')).collect();
        if ids.len() > MOST_IDS {
            Err(Refusal::invalid(format!("{name} may name {MOST_IDS} at most")))
        } else {
            Ok(ids)
        }
    }

    /// The endpoints that a call is limited to; empty where it is about all of them.
    pub(super) fn endpoints<'a>(&'a self, name: &'a str) -> Result<Vec<&'a str>, Refusal> {
        let ids = self.ids(name)?;
        ids.iter().try_for_each(|id| find_model(id).map(drop))?;
        Ok(ids)
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
    if ids.is_empty() || ids.len() > MOST_IDS {
        return Err(Refusal::invalid(format!("endpoint_id must be given 1 to {MOST_IDS} times")));
    }
    ids.iter().map(|id| find_model(id)).collect()
}

/// The model of an endpoint id.
pub(super) fn find_model(id: &str) -> Result<&'static Model, Refusal> {
    models::find(id).ok_or_else(|| Refusal::not_found(format!("Endpoint '{id}' not found")))
}
