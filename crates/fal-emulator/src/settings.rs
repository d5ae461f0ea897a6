//! How an emulator behaves, as its builder was told.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::pace::Pace;

/// Set once, before the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) pace: Pace,
    /// How many requests are in progress at a time.
    pub(crate) runners: usize,
    /// Whether videos are rendered; otherwise every request gets the same short clip.
    pub(crate) rendering: bool,
    /// The least time that a request is in progress.
    pub(crate) inference_time: Duration,
    pub(crate) retention: Retention,
    /// How long a CDN token is good for; fal's own time is not published.
    pub(crate) token_life: Duration,
    /// How late the history of the platform API is.
    pub(crate) history_lag: Duration,
    /// USD that were paid in; `None` for a credit without end.
    pub(crate) balance: Option<Decimal>,
}

/// How long a result is kept after the request has completed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retention {
    pub(crate) small: Duration,
    pub(crate) large: Duration,
}

/// From so many bytes on, a result is a large one.
const LARGE: usize = 10_000;

impl Retention {
    /// How long a result of this many bytes is kept.
    pub(crate) fn life(&self, bytes: usize) -> Duration {
        if bytes < LARGE { self.small } else { self.large }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pace: Pace::default(),
            runners: 2,
            rendering: true,
            inference_time: Duration::ZERO,
            retention: Retention { small: Duration::from_secs(3600), large: Duration::from_secs(360) },
            token_life: Duration::from_secs(3600),
            history_lag: Duration::ZERO,
            balance: None,
        }
    }
}
