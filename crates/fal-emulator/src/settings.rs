//! How an emulator behaves, as its builder was told.

use std::hash::{DefaultHasher, Hash, Hasher};
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
    /// How much longer the longest request is in progress than the shortest.
    pub(crate) inference_spread: Duration,
    pub(crate) retention: Retention,
    /// How long a CDN token is good for; fal's own time is not published.
    pub(crate) token_life: Duration,
    /// How late the history of the platform API is.
    pub(crate) history_lag: Duration,
    /// USD that were paid in; `None` for a credit without end.
    pub(crate) balance: Option<Decimal>,
}

impl Settings {
    /// The least time that this request is in progress: always the same, and spread evenly over all ids.
    pub(crate) fn inference_time_of(&self, id: &str) -> Duration {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let share = fastrand::Rng::with_seed(hasher.finish()).f64();
        self.inference_time + self.inference_spread.mul_f64(share)
    }
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
            inference_spread: Duration::ZERO,
            retention: Retention { small: Duration::from_secs(3600), large: Duration::from_secs(360) },
            token_life: Duration::from_secs(3600),
            history_lag: Duration::ZERO,
            balance: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_a_time_of_its_own_within_the_spread() {
        let second = Duration::from_secs(1);
        let settings = Settings { inference_time: second, inference_spread: 2 * second, ..Settings::default() };
        let times: Vec<Duration> = (0..1000).map(|id| settings.inference_time_of(&id.to_string())).collect();
        assert!(times.iter().all(|time| (second..=3 * second).contains(time)));
        let below = |limit: Duration| times.iter().filter(|time| **time < limit).count();
        assert!((200..300).contains(&below(second * 3 / 2)) && (450..550).contains(&below(2 * second)));
        assert_eq!(settings.inference_time_of("7"), times[7]);
        assert_eq!(Settings { inference_spread: Duration::ZERO, ..settings }.inference_time_of("7"), second);
    }
}
