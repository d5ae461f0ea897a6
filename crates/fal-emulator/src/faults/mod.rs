//! Faults on demand: named, by probability, from a script, a header, the admin API or a test, and repeatable by a seed.

mod fault;
mod operation;
mod rule;

mod invalid;
mod spelling;
mod request_error;
mod script;
mod header;

mod plan;
mod handle;

mod exchange;
pub(crate) mod inject;
mod answer;
mod body;

mod admin;

pub(crate) use admin::routes;
pub(crate) use inject::FaultHits;
pub(crate) use plan::Plan;
pub(crate) use script::Script;

pub use fault::Fault;
pub use handle::Faults;
pub use invalid::InvalidFault;
pub use operation::Operation;
pub use plan::ActiveRule;
pub use rule::FaultRule;
