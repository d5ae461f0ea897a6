//! When and where a fault strikes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::faults::fault::{Fault, Subject};
use crate::faults::invalid::InvalidFault;
use crate::faults::operation::Operation;
use crate::faults::spelling;

/// A fault and the exchanges, or submits, that it strikes.
///
/// # Defaults
///
/// | setting | default |
/// |---|---|
/// | [`probability`](FaultRule::probability) | 1: always |
/// | [`times`](FaultRule::times) | without end |
/// | [`skip`](FaultRule::skip) | 0 |
/// | [`on`](FaultRule::on) | the operation that the fault is made for, as in the table of the crate's documentation |
/// | [`endpoint`](FaultRule::endpoint) | every one |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultRule {
    #[serde(flatten)]
    pub(super) fault: Fault,
    pub(super) probability: f64,
    pub(super) times: Option<u32>,
    pub(super) skip: u32,
    pub(super) on: Operation,
    pub(super) endpoint: Option<String>,
}

impl FaultRule {
    /// A rule with the [defaults](FaultRule#defaults).
    pub fn new(fault: Fault) -> Self {
        let on = fault.operation();
        Self { fault, probability: 1.0, times: None, skip: 0, on, endpoint: None }
    }

    /// How likely it is that a matching exchange is hit: from 0, never, to 1, always; what is beyond counts as the nearer of them.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// Stops after so many hits.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets the first so many matching exchanges pass.
    #[must_use]
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Strikes this operation alone. A fault that a request carries from its submit on is always decided there.
    #[must_use]
    pub fn on(mut self, operation: Operation) -> Self {
        self.on = operation;
        self
    }

    /// Strikes only where the endpoint id begins with this; an exchange that is about no endpoint, such as an upload, never matches.
    #[must_use]
    pub fn endpoint(mut self, prefix: impl Into<String>) -> Self {
        self.endpoint = Some(prefix.into());
        self
    }

    /// The fault.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Reads a rule from its keys, as scripts and the admin API write them.
    pub(super) fn read(mut written: Map<String, Value>) -> Result<Self, InvalidFault> {
        let name = written.remove("name");
        let name = name.as_ref().and_then(Value::as_str);
        let name = name.ok_or_else(|| InvalidFault::new("a fault needs a `name`, for example \"reply-lost\""))?;
        let rule = spelling::fill(&Self::new(spelling::named(name)?), written)?;
        if !(0.0..=1.0).contains(&rule.probability) {
            return Err(InvalidFault::at("probability", "it must be between 0 and 1"));
        }
        if rule.fault.subject() != Subject::Exchange && rule.on != Operation::Submit {
            return Err(InvalidFault::at("on", format!("`{name}` is decided at the submit alone")));
        }
        Ok(rule)
    }

    /// Whether the rule is about this endpoint.
    pub(super) fn is_about(&self, endpoint: Option<&str>) -> bool {
        let Some(prefix) = &self.endpoint else { return true };
        endpoint.is_some_and(|endpoint| endpoint.starts_with(prefix))
    }
}
