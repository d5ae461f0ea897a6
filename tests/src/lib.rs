//! What the tests and benchmarks of several crates share: a decoder for the videos that come out, and what a process uses.

pub mod film;
pub mod usage;
