//! When to look again. Pure.

use std::time::Duration;

use super::WatchOptions;

impl WatchOptions {
    /// The time until the next poll of a request that has been in its state for `elapsed`.
    ///
    /// While the model works and its time is known, half of the time to the expected end, and behind it half of the
    /// time since: dense around it, rare far from it. Otherwise a quarter of the time that it took so far.
    pub(super) fn delay(&self, elapsed: Duration, working: bool) -> Duration {
        let delay = match self.expected.filter(|_| working) {
            Some(expected) => expected.abs_diff(elapsed) / 2,
            None => elapsed / 4,
        };
        delay.min(self.longest_poll).max(self.shortest_poll)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds at which a request is looked at that ends after `end` seconds.
    fn looks(options: WatchOptions, end: u64) -> Vec<u64> {
        let mut looks = vec![Duration::ZERO];
        while looks[looks.len() - 1] < Duration::from_secs(end) {
            let last = looks[looks.len() - 1];
            looks.push(last + options.delay(last, true));
        }
        looks.into_iter().map(|look| look.as_secs()).collect()
    }

    #[test]
    fn looks_are_dense_where_the_end_is_expected() {
        let longest = Duration::from_secs(60);
        let options = WatchOptions::default().with_polls(Duration::from_secs(1), longest);
        let expected = options.with_expected(Duration::from_secs(120));
        assert_eq!(looks(expected, 120), [0, 60, 90, 105, 112, 116, 118, 119, 120]);
        // One that takes longer is not asked for without end.
        assert_eq!(looks(expected, 180)[8..], [120, 121, 122, 123, 124, 127, 130, 136, 144, 156, 174, 201]);
    }

    #[test]
    fn without_an_expectation_looks_become_rarer_up_to_the_longest_delay() {
        assert_eq!(looks(WatchOptions::default(), 20), [0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 15, 19, 23]);
        assert_eq!(WatchOptions::default().delay(Duration::MAX, false), Duration::from_secs(15));
    }

    #[test]
    fn a_request_that_waits_is_not_expected_to_end() {
        let options = WatchOptions::default().with_expected(Duration::from_secs(40));
        let (waited, working) = (Duration::from_secs(20), true);
        assert_eq!(options.delay(waited, !working), Duration::from_secs(5));
        assert_eq!(options.delay(waited, working), Duration::from_secs(10));
    }
}
