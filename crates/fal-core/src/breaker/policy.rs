//! After how many failures to stop, and for how long.

use std::time::Duration;

use tokio::time::Instant;

/// After how many failures to stop, and for how long.
///
/// # Defaults
/// - `failures`: 5 in a row
/// - `open_for`: 60 s
#[doc(alias = "CircuitBreaker")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// So many failures in a row open the circuit of a host or an endpoint; 0 means 1. A refused key and an exhausted
    /// balance open theirs at once.
    pub failures: u32,
    /// So long nothing passes; then one call tries whether all is well.
    pub open_for: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self { failures: 5, open_for: Duration::from_secs(60) }
    }
}

impl BreakerPolicy {
    /// The end of a pause that begins now.
    pub(super) fn pause(&self, now: Instant) -> Instant {
        const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
        now + self.open_for.min(FAR)
    }
}
