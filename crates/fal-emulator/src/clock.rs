//! The time of one emulator: tokio's clock, so that a test that pauses it or moves it on moves the emulator's too.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// Reads the time of day as it was at the start, plus what has passed on tokio's clock since.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
    at: Timestamp,
}

impl Clock {
    /// A clock that shows the real time now. Has to be called on a tokio runtime where time is paused.
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), at: Timestamp::now() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.at + self.started.elapsed()
    }

    /// The time this long from now; the last one there is, where that is beyond it.
    pub(crate) fn after(&self, life: Duration) -> Timestamp {
        self.now().saturating_add(life).unwrap_or(Timestamp::MAX)
    }

    /// Whether this much time has passed since then.
    pub(crate) fn has_passed(&self, life: Duration, since: Timestamp) -> bool {
        self.now() >= since.saturating_add(life).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_follows_a_paused_clock() {
        let clock = Clock::start();
        let begun = clock.now();
        assert!(!clock.has_passed(Duration::from_secs(1), begun));
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(clock.now(), begun + Duration::from_secs(3600));
        assert!(clock.has_passed(Duration::from_secs(3600), begun));
        assert!(!clock.has_passed(Duration::from_secs(3601), begun));
        assert!(!clock.has_passed(Duration::MAX, begun), "a life without end is no fault");
    }
}
