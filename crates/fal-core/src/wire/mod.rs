//! fal's JSON, private to this crate: one file for each kind of answer.

pub(crate) mod problem;
pub(crate) mod queue;
