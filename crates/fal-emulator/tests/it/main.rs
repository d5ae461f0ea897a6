//! The emulator over real HTTP, as a client sees it.

mod auth;
mod cancel;
mod client;
mod generation;
mod ledger;
mod models;
mod persistence;
mod pictures;
mod platform;
#[cfg(feature = "program")]
mod program;
mod published;
mod refusals;
mod storage;
mod video;
