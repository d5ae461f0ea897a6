//! The emulator over real HTTP, as a client sees it.

mod auth;
mod cancel;
mod client;
mod generation;
mod hosts;
mod https;
mod ledger;
mod persistence;
mod pictures;
#[cfg(feature = "program")]
mod program;
mod proxy;
mod refusals;
mod storage;
mod video;
