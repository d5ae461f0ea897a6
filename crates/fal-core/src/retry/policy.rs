//! How often and after what delay to send again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use super::Verdict;

/// How often and after what delay to send again: exponential backoff.
///
/// # Defaults
/// - `max_attempts`: 3, the first included
/// - `initial_delay`: 1 s
/// - `factor`: 2
/// - `max_delay`: 60 s
/// - `jitter`: each delay is multiplied by a random number from 0.5 to 1.5
/// - `deadline`: 180 s for all attempts and delays together
#[doc(alias = "ExponentialBackoffRetry")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// The most attempts, the first included.
    pub max_attempts: u32,
    /// The delay before the second attempt.
    pub initial_delay: Duration,
    /// By how much each delay is longer than the one before.
    pub factor: f32,
    /// The longest delay, before jitter. A server that asks for more time (`Retry-After`) gets so much at most.
    pub max_delay: Duration,
    /// Whether delays are spread at random, so that many clients do not come back at once.
    pub jitter: bool,
    /// The time for all attempts and delays together. No attempt begins later, and a call that costs nothing is ended
    /// then, unless it was given more time for itself. A submit that has begun keeps its whole time: to cut it short
    /// would leave its outcome unknown.
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
        let Self { jitter, max_delay, .. } = *self;
        ExponentialBuilder::new()
            .with_min_delay(self.initial_delay)
            .with_max_delay(self.max_delay)
            .with_factor(self.factor)
            .without_max_times()
            .build()
            .map(move |delay| {
                let delay = delay.min(max_delay);
                if jitter { spread(delay, 0.5 + random()) } else { delay }
            })
    }
}

fn spread(delay: Duration, by: f64) -> Duration {
    Duration::try_from_secs_f64(delay.as_secs_f64() * by).unwrap_or(Duration::MAX)
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing more.
    Stop,
    /// Wait so long, then send again.
    RetryAfter(Duration),
}

/// Decides from the verdict, the attempts made so far, the time gone since the first began, and the next delay of the
/// sequence. Limits come first: a server can ask for a longer delay, up to `max_delay`, but not for another attempt.
pub fn decide(policy: &RetryPolicy, verdict: Verdict, attempts: u32, elapsed: Duration, delay: Duration) -> Decision {
    let Verdict::Retry { after } = verdict else { return Decision::Stop };
    let delay = delay.max(after.unwrap_or_default().min(policy.max_delay));
    if policy.max_attempts <= attempts || policy.deadline < elapsed.saturating_add(delay) {
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
    fn odd_settings_do_not_panic() {
        for (factor, longest) in
            [(f32::NAN, Duration::MAX), (-1.0, SECOND), (f32::INFINITY, Duration::MAX), (0.0, SECOND)]
        {
            let policy =
                RetryPolicy { factor, initial_delay: 5 * SECOND, max_delay: longest, ..RetryPolicy::default() };
            assert_eq!(policy.delays(|| 1.0).take(3).count(), 3, "{factor}");
        }
        let policy =
            RetryPolicy { max_delay: SECOND, initial_delay: 5 * SECOND, jitter: false, ..RetryPolicy::default() };
        assert_eq!(policy.delays(|| 0.0).next(), Some(SECOND));
    }

    #[test]
    fn limits_come_before_the_wish_to_retry() {
        let policy = RetryPolicy { deadline: 10 * SECOND, max_delay: 4 * SECOND, ..RetryPolicy::default() };
        let again = Verdict::Retry { after: None };
        let wish = |seconds: u32| Verdict::Retry { after: Some(seconds * SECOND) };
        let table = [
            (again, 1, 0, Decision::RetryAfter(SECOND)),
            (again, 2, 9, Decision::RetryAfter(SECOND)),
            (again, 3, 0, Decision::Stop),
            (again, 1, 10, Decision::Stop),
            (Verdict::Answered, 1, 0, Decision::Stop),
            (Verdict::GiveUp, 1, 0, Decision::Stop),
            (wish(0), 1, 0, Decision::RetryAfter(SECOND)),
            (wish(3), 1, 0, Decision::RetryAfter(3 * SECOND)),
            (wish(9), 1, 0, Decision::RetryAfter(4 * SECOND)),
            (wish(9), 1, 7, Decision::Stop),
            (wish(1), 3, 0, Decision::Stop),
        ];
        for (verdict, attempts, elapsed, decision) in table {
            let decided = decide(&policy, verdict, attempts, elapsed * SECOND, SECOND);
            assert_eq!(decided, decision, "{verdict:?} {attempts} {elapsed}");
        }
    }
}
