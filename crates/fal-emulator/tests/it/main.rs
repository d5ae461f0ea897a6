//! The emulator over real HTTP, as a client sees it.

mod auth;
mod browser;
mod cancel;
mod captures;
mod client;
mod direct;
mod faults;
mod generation;
mod history;
mod hosts;
mod https;
mod ledger;
mod inference_time;
mod line;
mod options;
mod page;
mod models;
mod persistence;
mod pictures;
mod platform;
#[cfg(feature = "program")]
mod program;
mod proxy;
mod published;
mod record;
mod refusals;
mod retention;
mod status_stream;
mod storage;
mod video;
mod webhook;
