//! fal's JSON, private to this crate: one file for each kind of answer, and for each kind of value that needs care.

pub(crate) mod decimal;
pub(crate) mod null;
pub(crate) mod problem;
pub(crate) mod queue;
pub(crate) mod time;
