//! When to send again: what happened (`classify`), then what to do (`decide`). Both are pure.

mod classify;
mod policy;

pub use classify::{Outcome, Verdict, classify};
pub use policy::{Decision, RetryPolicy, decide};
