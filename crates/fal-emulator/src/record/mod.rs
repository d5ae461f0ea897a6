//! Recording what a real fal answers, and replaying it without one.

mod recorder;
mod replay;
mod upstreams;

mod listener;

mod headers;
mod hosts;
mod incoming;
mod passage;
mod proxy;

mod desk;
mod draft;
mod tape;

mod addresses;
mod cleaner;
mod json_text;
mod known_secrets;
mod query;
mod scrub;
mod secret_names;

mod body_kind;
mod events;
mod exchange;
mod folder;

mod matching;
mod playback;
mod repertoire;

#[cfg(feature = "program")]
pub mod program;

pub use recorder::{Recorder, RecorderBuilder};
pub use replay::{ExchangeSummary, Replay, ReplayBuilder};
pub use upstreams::Upstreams;
