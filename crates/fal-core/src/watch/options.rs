//! How a request is watched.

use std::time::Duration;

/// How a request is watched.
///
/// # Defaults
/// - `mode`: a stream, and polls where there can be none
/// - `expected`: not known
/// - `shortest_poll`: 1 s
/// - `longest_poll`: 15 s
/// - `patience`: 15 min
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WatchOptions {
    /// By what.
    pub mode: WatchMode,
    /// How long the model usually works on such a request. Polls are dense around that time and rare before it.
    pub expected: Option<Duration>,
    /// The shortest time between two polls.
    pub shortest_poll: Duration,
    /// The longest time between two polls, and by how much a finish is noticed late at most.
    pub longest_poll: Duration,
    /// How long fal may fail to answer before the watch tells of it. fal keeps a result for an hour at most.
    pub patience: Duration,
}

/// By what a request is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WatchMode {
    /// A status stream: one request, and the finish is noticed at once. Polls where streams are refused, keep breaking,
    /// or [are too many](crate::TransportConfig::streams).
    #[default]
    Stream,
    /// Polls, the rarer the less there is to expect.
    Polls,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            mode: WatchMode::Stream,
            expected: None,
            shortest_poll: Duration::from_secs(1),
            longest_poll: Duration::from_secs(15),
            patience: Duration::from_secs(15 * 60),
        }
    }
}

impl WatchOptions {
    /// Sets by what.
    pub fn with_mode(mut self, mode: WatchMode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets how long the model usually works on such a request.
    pub fn with_expected(mut self, expected: impl Into<Option<Duration>>) -> Self {
        self.expected = expected.into();
        self
    }

    /// Sets the shortest and the longest time between two polls.
    pub fn with_polls(mut self, shortest: Duration, longest: Duration) -> Self {
        self.shortest_poll = shortest;
        self.longest_poll = longest;
        self
    }

    /// Sets how long fal may fail to answer.
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}
