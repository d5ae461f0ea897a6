//! The emulator over real HTTP, as a client sees it.

mod auth;
mod cancel;
mod client;
mod direct;
mod faults;
mod generation;
mod hosts;
mod https;
mod ledger;
mod line;
mod options;
mod page;
mod persistence;
mod pictures;
#[cfg(feature = "program")]
mod program;
mod proxy;
mod refusals;
mod retention;
mod status_stream;
mod storage;
mod video;
mod webhook;
