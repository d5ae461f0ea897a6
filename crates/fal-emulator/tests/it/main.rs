//! The emulator over real HTTP, as a client sees it.

mod auth;
mod cancel;
mod client;
mod generation;
mod ledger;
mod persistence;
mod pictures;
#[cfg(feature = "program")]
mod program;
mod record;
mod refusals;
mod storage;
mod video;
