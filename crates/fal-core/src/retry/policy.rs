//! How often and after what delay to send again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use super::Verdict;

/// How often and after what delay to send again.
///
/// # Defaults
/// - `max_attempts`: 3, the first included
/// - `initial_delay`: 1 s
/// - `factor`: 2
/// - `max_delay`: 60 s
/// - `jitter`: each delay is multiplied by a random number from 0.5 to 1.5
/// - `deadline`: 180 s for all attempts and delays together
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// The most attempts, the first included.
    pub max_attempts: u32,
    /// The delay before the second attempt.
    pub initial_delay: Duration,
    /// By how much each delay is longer than the one before.
    pub factor: f32,
    /// The longest delay, before jitter.
    pub max_delay: Duration,
    /// Whether delays are spread at random, so that many clients do not come back at once.
    pub jitter: bool,
    /// No attempt begins after this time.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            initial_delay: Duration::from_secs(1),
            factor: 2.0,
            max_delay: Duration::from_secs(60),
            jitter: true,
            deadline: Duration::from_secs(180),
        }
    }
}

impl RetryPolicy {
    /// The delays between attempts, one after the other; `random` gives numbers from 0 to 1.
    pub(crate) fn delays(&self, mut random: impl FnMut() -> f64) -> impl Iterator<Item = Duration> {
        let jitter = self.jitter;
        ExponentialBuilder::new()
            .with_min_delay(self.initial_delay)
            .with_max_delay(self.max_delay)
            .with_factor(self.factor)
            .without_max_times()
            .build()
            .map(move |delay| if jitter { delay.mul_f64(0.5 + random()) } else { delay })
    }
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing more.
    Stop,
    /// Wait so long, then send again.
    RetryAfter(Duration),
}

/// Decides from the verdict, the attempts made so far, the time gone since the first began, and the next delay.
/// Limits come first.
pub fn decide(policy: &RetryPolicy, verdict: Verdict, attempts: u32, elapsed: Duration, delay: Duration) -> Decision {
    if verdict != Verdict::Retry || policy.max_attempts <= attempts || policy.deadline < elapsed.saturating_add(delay) {
        return Decision::Stop;
    }
    Decision::RetryAfter(delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn delays_double_up_to_the_cap_and_are_spread_by_half() {
        let policy = RetryPolicy { max_delay: 3 * SECOND, ..RetryPolicy::default() };
        let delays = |random: f64| policy.delays(move || random).take(4).collect::<Vec<_>>();
        assert_eq!(delays(0.5), [SECOND, 2 * SECOND, 3 * SECOND, 3 * SECOND]);
        assert_eq!(delays(0.0)[0], SECOND / 2);
        assert_eq!(delays(1.0)[1], 3 * SECOND);
    }

    #[test]
    fn limits_come_before_the_wish_to_retry() {
        let policy = RetryPolicy { deadline: 10 * SECOND, ..RetryPolicy::default() };
        let table = [
            (Verdict::Retry, 1, Duration::ZERO, Decision::RetryAfter(SECOND)),
            (Verdict::Retry, 2, 9 * SECOND, Decision::RetryAfter(SECOND)),
            (Verdict::Retry, 3, Duration::ZERO, Decision::Stop),
            (Verdict::Retry, 1, 10 * SECOND, Decision::Stop),
            (Verdict::Answered, 1, Duration::ZERO, Decision::Stop),
            (Verdict::GiveUp, 1, Duration::ZERO, Decision::Stop),
        ];
        for (verdict, attempts, elapsed, decision) in table {
            assert_eq!(
                decide(&policy, verdict, attempts, elapsed, SECOND),
                decision,
                "{verdict:?} {attempts} {elapsed:?}"
            );
        }
    }
}
