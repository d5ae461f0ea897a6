//! How life-like the emulator is in time and size.

use std::time::Duration;

/// Whether requests take their time, as they do on fal, or are done as fast as the machine can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// Full-size video, and about one second in the queue with the positions 2, 1 and 0.
    #[default]
    Realistic,
    /// Video with a long side of 320 pixels and no artificial waits: for tests.
    Fast,
}

impl Pace {
    /// The queue positions shown before a request may start, and how long each is shown.
    pub(crate) fn queue_positions(self) -> (&'static [usize], Duration) {
        match self {
            Self::Realistic => (&[2, 1, 0], Duration::from_millis(350)),
            Self::Fast => (&[], Duration::ZERO),
        }
    }

    /// How long the queue waits before it tries a request again whose runner was lost, after so many attempts.
    pub(crate) fn backoff(self, attempts: u32) -> Duration {
        match self {
            Self::Realistic => Duration::from_secs(1 << attempts.min(6)),
            Self::Fast => Duration::ZERO,
        }
    }

    /// How long a webhook is left alone before an attempt: ten retries are over within two hours.
    pub(crate) fn webhook_backoff(self, attempt: u32) -> Duration {
        match (self, attempt) {
            (_, 0) => Duration::ZERO,
            (Self::Realistic, _) => Duration::from_secs((5 << attempt.min(8)).min(1200)),
            (Self::Fast, _) => Duration::from_millis(1 << attempt.min(8)),
        }
    }

    /// The longest side that a video may have, in pixels, where this pace limits it.
    pub(crate) fn long_side(self) -> Option<u32> {
        match self {
            Self::Realistic => None,
            Self::Fast => Some(320),
        }
    }
}
