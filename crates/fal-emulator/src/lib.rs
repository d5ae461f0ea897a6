#![doc = include_str!("../README.md")]

mod emulator;
mod error;
mod pace;
mod settings;
mod urls;

mod fal_hosts;
mod front;
mod host_class;
mod local;
mod request_log;
mod server;
mod shared;

mod clock;

mod auth;
mod body;
mod cors;
mod json_object;
mod queue;
mod run;
mod storage;

mod models;
mod platform;
mod site;

mod image_source;
mod problem;

mod board;
mod clip;
mod fate;
mod job;
mod ledger;
mod balance;
mod line;
mod outcome;
mod payload_life;
mod runner;
mod webhook;
mod work;

mod page;

mod faults;

mod secret;
mod state_dir;

mod render;

pub mod captures;

#[cfg(feature = "program")]
pub mod program;
pub mod record;

pub use emulator::{Builder, Emulator};
pub use error::Error;
pub use faults::{ActiveRule, Fault, FaultRule, Faults, InvalidFault, Operation};
pub use host_class::HostClass;
pub use ledger::{Charge, Ledger};
pub use pace::Pace;
pub use request_log::RecordedRequest;
pub use storage::StoredFile;
pub use urls::Urls;
pub use webhook::Delivery;
