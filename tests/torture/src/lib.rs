#![doc = include_str!("../README.md")]
#![expect(clippy::disallowed_methods, reason = "where programs are is told by the environment")]

mod plan;
mod stage;
mod worker;

pub use plan::{PLACES, Report, Store, every_place, random_moments, several_workers};
pub use worker::{WORKER, work};
