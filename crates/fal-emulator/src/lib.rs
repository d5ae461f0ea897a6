#![doc = include_str!("../README.md")]

mod emulator;
mod error;
mod pace;
mod urls;

mod connection;
mod host_class;
mod request_log;
mod server;
mod shared;

mod clock;

mod auth;
mod body;
mod cdn;
mod queue;
mod range;
mod rest;
mod ticket;

mod catalogue;
mod image_source;
mod input;
mod model;
mod price;
mod problem;

mod board;
mod job;
mod ledger;
mod runner;

mod files;
mod state_dir;

mod render;

pub mod record;

pub use emulator::{Builder, Emulator};
pub use error::Error;
pub use host_class::HostClass;
pub use ledger::{Charge, Ledger};
pub use pace::Pace;
pub use request_log::RecordedRequest;
pub use urls::Urls;
