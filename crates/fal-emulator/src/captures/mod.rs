//! Bodies as they go between fal and its clients, to test clients and this emulator against. Ids, names of files and prompts in them are made up.

mod capture;

pub mod cancel;
pub mod platform;
pub mod queue;
pub mod refusal;
pub mod storage;
pub mod webhook;

pub use capture::{Capture, Source};

/// Every capture.
pub fn all() -> impl Iterator<Item = &'static Capture> {
    [queue::ALL, refusal::ALL, cancel::ALL, webhook::ALL, storage::ALL, platform::ALL].into_iter().flatten().copied()
}
