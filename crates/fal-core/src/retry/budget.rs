//! How many retries all calls together may make, so that many clients do not hammer a provider that is ill.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many retries all calls of a client together may make.
///
/// Each call puts a part of a retry into a bucket, each retry takes a whole one out, and a call that finds the bucket
/// empty ends with the error that it has. So in an outage a client sends little more than it would without retries.
///
/// # Defaults
/// - `percent`: 20, one retry for every five calls
/// - `reserve`: 10 retries that need no calls before them
/// - `refill`: 60 s until the reserve is whole again
/// - `most`: 100 retries that calls can save up
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryBudget {
    /// So many retries for every hundred calls.
    pub percent: u32,
    /// Retries that need no calls before them: a client that has just begun has so many.
    pub reserve: u32,
    /// The time in which an empty reserve becomes whole again, evenly.
    pub refill: Duration,
    /// The most retries that calls can save up.
    pub most: u32,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self { percent: 20, reserve: 10, refill: Duration::from_secs(60), most: 100 }
    }
}

/// What is in the bucket, in millionths of a retry: whole numbers, so that five fifths are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bucket {
    parts: u64,
    as_of: Instant,
}

const RETRY: u64 = 1_000_000;

/// What changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Call,
    Retry,
}

impl RetryBudget {
    fn full(&self, now: Instant) -> Bucket {
        Bucket { parts: self.whole_reserve(), as_of: now }
    }

    fn whole_reserve(&self) -> u64 {
        u64::from(self.reserve) * RETRY
    }

    /// What the reserve gets back in so much time.
    fn refilled(&self, time: Duration) -> u64 {
        let whole = u128::from(self.whole_reserve());
        let back = time.as_nanos().saturating_mul(whole).checked_div(self.refill.as_nanos()).unwrap_or(whole);
        back.min(whole) as u64
    }

    /// The bucket after an event, and whether the event is allowed.
    fn step(&self, bucket: Bucket, event: Event, now: Instant) -> (Bucket, bool) {
        let back = self.refilled(now.saturating_duration_since(bucket.as_of));
        // Time fills the reserve and no more.
        let parts = bucket.parts.max((bucket.parts + back).min(self.whole_reserve()));
        let with = |parts| Bucket { parts, as_of: now };
        match event {
            Event::Call => {
                let most = u64::from(self.most.max(self.reserve)) * RETRY;
                (with((parts + u64::from(self.percent) * RETRY / 100).min(most)), true)
            }
            Event::Retry => match parts.checked_sub(RETRY) {
                Some(left) => (with(left), true),
                None => (with(parts), false),
            },
        }
    }
}

/// One bucket for all calls; `None` allows every retry.
#[derive(Debug, Clone)]
pub(crate) struct SharedBudget(Option<(RetryBudget, Arc<Mutex<Bucket>>)>);

impl SharedBudget {
    pub(crate) fn new(budget: Option<RetryBudget>, now: Instant) -> Self {
        Self(budget.map(|budget| (budget, Arc::new(Mutex::new(budget.full(now))))))
    }

    /// A call begins.
    pub(crate) fn deposit(&self, now: Instant) {
        self.apply(Event::Call, now);
    }

    /// Whether a call may be sent again.
    pub(crate) fn withdraw(&self, now: Instant) -> bool {
        self.apply(Event::Retry, now)
    }

    fn apply(&self, event: Event, now: Instant) -> bool {
        let Some((budget, bucket)) = &self.0 else { return true };
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, allowed) = budget.step(*bucket, event, now);
        *bucket = next;
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Applies events at their seconds and tells which were allowed.
    fn allowed(budget: RetryBudget, events: &[(u32, Event)]) -> Vec<bool> {
        let began = Instant::now();
        let mut bucket = budget.full(began);
        let mut step = |(second, event): &(u32, Event)| {
            let (next, allowed) = budget.step(bucket, *event, began + SECOND * *second);
            bucket = next;
            allowed
        };
        events.iter().map(&mut step).collect()
    }

    #[test]
    fn five_calls_pay_for_one_retry() {
        let budget = RetryBudget { reserve: 0, ..RetryBudget::default() };
        let mut events = vec![(0, Event::Call); 4];
        events.extend([(0, Event::Retry), (0, Event::Call), (0, Event::Retry), (0, Event::Retry)]);
        assert_eq!(allowed(budget, &events)[4..], [false, true, true, false]);
    }

    #[test]
    fn the_reserve_needs_no_calls_and_comes_back_with_time_and_no_further() {
        let budget = RetryBudget { reserve: 2, refill: 10 * SECOND, ..RetryBudget::default() };
        let retries = [0, 0, 0, 4, 5, 5, 999, 999, 999].map(|second| (second, Event::Retry));
        assert_eq!(allowed(budget, &retries), [true, true, false, false, true, false, true, true, false]);
    }

    #[test]
    fn no_more_can_be_saved_up_than_the_limit_and_time_does_not_take_it_away() {
        let budget = RetryBudget { percent: 100, reserve: 1, most: 3, ..RetryBudget::default() };
        let mut events = vec![(0, Event::Call); 50];
        events.extend([(999, Event::Retry); 4]);
        assert_eq!(allowed(budget, &events)[50..], [true, true, true, false]);
    }

    #[test]
    fn odd_settings_neither_panic_nor_lock_up() {
        let nothing = RetryBudget { percent: 0, reserve: 0, refill: Duration::ZERO, most: 0 };
        assert_eq!(allowed(nothing, &[(0, Event::Call), (9, Event::Retry)]), [true, false]);
        let at_once = RetryBudget { reserve: 1, ..nothing };
        assert_eq!(allowed(at_once, &[(0, Event::Retry), (0, Event::Retry)]), [true, true]);
        let never = RetryBudget { reserve: 1, refill: Duration::MAX, ..nothing };
        assert_eq!(allowed(never, &[(0, Event::Retry), (999, Event::Retry)]), [true, false]);
    }

    #[test]
    fn all_clones_share_one_bucket_and_without_a_budget_every_retry_is_allowed() {
        let now = Instant::now();
        let shared = SharedBudget::new(Some(RetryBudget { reserve: 1, ..RetryBudget::default() }), now);
        assert!(shared.clone().withdraw(now));
        assert!(!shared.withdraw(now));
        let off = SharedBudget::new(None, now);
        assert!((0..1000).all(|_| off.withdraw(now)));
    }
}
