//! A call that was not sent, because a circuit is open.

use std::fmt;
use std::time::Duration;

use super::Circuit;

/// A call that was not sent, because a circuit is open. It cost nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircuitOpen {
    pub(super) circuit: Circuit,
    pub(super) retry_in: Duration,
    pub(super) awaits_trial: bool,
}

impl CircuitOpen {
    /// What has failed.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// After what time a call may pass again.
    pub fn retry_in(&self) -> Duration {
        self.retry_in
    }

    /// Whether a free read, made now, could close the circuit.
    pub(crate) fn awaits_read(&self) -> bool {
        self.awaits_trial && self.circuit != Circuit::Balance
    }
}

impl fmt::Display for CircuitOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.circuit {
            Circuit::Host(_) => write!(f, "{} has failed repeatedly, so nothing is sent to it", self.circuit)?,
            Circuit::Endpoint(_) => write!(f, "{} has failed repeatedly, so nothing is submitted to it", self.circuit)?,
            Circuit::Submits(endpoint) => {
                write!(f, "the answers to submits to {endpoint} were lost repeatedly, so nothing is submitted to it")?;
            }
            Circuit::Key => f.write_str("fal refused the key, so nothing is sent with it")?,
            Circuit::Balance => f.write_str("fal said that the balance is exhausted, so nothing is submitted")?,
        }
        // In whole seconds, and never 0: that would read as "now".
        write!(f, " for another {} s", self.retry_in.as_secs_f64().ceil().max(1.0))
    }
}

impl std::error::Error for CircuitOpen {}
