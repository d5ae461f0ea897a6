//! When not to send at all.
//!
//! A *circuit* is something that can be ill as a whole: a host, an endpoint, the key, the balance. `evidence` says what
//! an exchange tells about each of them, `state` what follows from it, both pure; `breakers` keeps one state for each
//! and is asked before every attempt.

mod breakers;
mod circuit;
mod evidence;
mod policy;
mod refusal;
mod state;

pub use breakers::Breakers;
pub(crate) use breakers::Pass;
pub use circuit::{BreakerChange, BreakerPhase, BreakerStatus, Circuit};
pub(crate) use evidence::{Evidence, Question};
pub use policy::BreakerPolicy;
pub use refusal::CircuitOpen;
