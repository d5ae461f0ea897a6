//! When to send again: what happened (`classify`), what to do (`decide`), and whether a fleet of clients can afford it
//! (`budget`). All are pure; `exchange` puts them in a loop.

mod budget;
mod classify;
mod count;
mod hints;
mod policy;

pub use budget::RetryBudget;
pub(crate) use budget::SharedBudget;
pub use classify::{Outcome, Verdict, classify};
pub use count::RetryCount;
pub use hints::ServerHints;
pub use policy::{Decision, RetryPolicy, decide};
