//! The deliveries of late, so that one that comes again is known.

use std::collections::VecDeque;

use super::Freshness;
use super::headers::Signature;

/// The deliveries of late; the oldest makes room for the newest.
#[derive(Debug)]
pub(crate) struct Deliveries {
    pub(crate) capacity: usize,
    latest: VecDeque<(String, Signature)>,
}

impl Deliveries {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, latest: VecDeque::new() }
    }

    /// Notes a delivery and tells whether it was there before. A few thousand are searched faster than one signature
    /// is verified.
    pub(crate) fn note(&mut self, request_id: &str, signature: Signature) -> Freshness {
        if self.latest.iter().any(|(_, earlier)| *earlier == signature) {
            return Freshness::Replayed;
        }
        let again = self.latest.iter().any(|(earlier, _)| earlier == request_id);
        self.latest.push_back((request_id.to_owned(), signature));
        while self.capacity < self.latest.len() {
            self.latest.pop_front();
        }
        if again { Freshness::Redelivered } else { Freshness::New }
    }

    pub(crate) fn forget(&mut self, request_id: &str) {
        self.latest.retain(|(noted, _)| noted != request_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redelivery_and_a_replay_are_told_apart() {
        let mut deliveries = Deliveries::new(8);
        assert_eq!(deliveries.note("a", [1; 64]), Freshness::New);
        assert_eq!(deliveries.note("a", [2; 64]), Freshness::Redelivered);
        assert_eq!(deliveries.note("b", [3; 64]), Freshness::New);
        for signature in [1, 2, 3] {
            assert_eq!(deliveries.note("a", [signature; 64]), Freshness::Replayed);
        }
        deliveries.forget("a");
        assert_eq!(deliveries.note("a", [1; 64]), Freshness::New);
        assert_eq!(deliveries.note("b", [4; 64]), Freshness::Redelivered);
    }

    #[test]
    fn memory_is_bounded_and_the_newest_are_kept() {
        let mut deliveries = Deliveries::new(3);
        for number in 0..100 {
            assert_eq!(deliveries.note(&number.to_string(), [number; 64]), Freshness::New);
            assert!(deliveries.latest.len() <= 3);
        }
        assert_eq!(deliveries.note("97", [97; 64]), Freshness::Replayed);
        assert_eq!(deliveries.note("96", [96; 64]), Freshness::New);
        assert_eq!(Deliveries::new(0).note("a", [1; 64]), Freshness::New);
    }
}
