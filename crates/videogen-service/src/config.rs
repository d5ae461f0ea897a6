//! What a service is told.

use std::time::Duration;

use videogen_domain::ValidationRules;

/// What a service is told.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ServiceConfig {
    /// What holds for every request.
    pub rules: ValidationRules,
    /// How often to look how far a request is.
    pub watch: WatchPolicy,
}

impl ServiceConfig {
    /// Sets how often to look how far a request is.
    pub fn with_watch(mut self, watch: WatchPolicy) -> Self {
        self.watch = watch;
        self
    }
}

/// How often to look how far a request is: often at first, then less and less.
///
/// # Defaults
/// - `first`: 250 ms
/// - `factor`: 1.3
/// - `longest`: 5 s
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WatchPolicy {
    /// The delay before the second look.
    pub first: Duration,
    /// By how much each delay is longer than the one before.
    pub factor: f64,
    /// The longest delay.
    pub longest: Duration,
}

impl Default for WatchPolicy {
    fn default() -> Self {
        Self { first: Duration::from_millis(250), factor: 1.3, longest: Duration::from_secs(5) }
    }
}

impl WatchPolicy {
    /// The delay before the next look, after so many.
    pub(crate) fn delay(&self, looks: u32) -> Duration {
        let Some(doublings) = looks.checked_sub(1) else { return Duration::ZERO };
        let seconds = self.first.as_secs_f64() * self.factor.powf(f64::from(doublings));
        Duration::try_from_secs_f64(seconds).unwrap_or(self.longest).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_become_rarer_up_to_the_longest_delay() {
        let policy = WatchPolicy { first: Duration::from_secs(1), factor: 2.0, longest: Duration::from_secs(5) };
        let delays: Vec<u64> = (0..6).map(|looks| policy.delay(looks).as_secs()).collect();
        assert_eq!(delays, [0, 1, 2, 4, 5, 5]);
        assert_eq!(policy.delay(u32::MAX), policy.longest);
    }
}
