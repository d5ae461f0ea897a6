//! What can be ill as a whole, and how it is.

use std::fmt;
use std::time::Duration;

use crate::{EndpointId, HostClass};

/// Something that can be ill as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Circuit {
    /// A class of fal's hosts. While it is open nothing is sent there.
    Host(HostClass),
    /// An endpoint, after failures of its model. While it is open nothing is submitted to it; reads pass.
    Endpoint(EndpointId),
    /// The submits to an endpoint, after answers that were lost. While it is open nothing is submitted to it; reads pass.
    Submits(EndpointId),
    /// The key, after a 401. While it is open nothing is sent with it.
    Key,
    /// The balance, after a 403 that says so. While it is open nothing is submitted; reads pass.
    Balance,
}

impl fmt::Display for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(class) => write!(f, "fal's {} host", class.name()),
            Self::Endpoint(endpoint) => write!(f, "the endpoint {endpoint}"),
            Self::Submits(endpoint) => write!(f, "submits to {endpoint}"),
            Self::Key => f.write_str("the key"),
            Self::Balance => f.write_str("the balance"),
        }
    }
}

/// What a circuit lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BreakerPhase {
    /// Everything.
    Closed,
    /// Nothing.
    Open,
    /// One call at a time, to try whether all is well.
    HalfOpen,
}

/// How a circuit is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerStatus {
    /// Which one.
    pub circuit: Circuit,
    /// What it lets pass.
    pub phase: BreakerPhase,
    /// Failures in a row, while it is closed.
    pub failures: u32,
    /// How long it stays open.
    pub retry_in: Option<Duration>,
}

/// A circuit that has changed its phase.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerChange {
    /// Which one.
    pub circuit: Circuit,
    /// What it was.
    pub from: BreakerPhase,
    /// What it is.
    pub to: BreakerPhase,
}
