//! What has been spent, and what is set aside for videos that are being made.

use serde::{Deserialize, Serialize};

use crate::Usd;

/// What has been spent, and what is reserved for videos that are being made, in USD.
///
/// There is one ledger for each project, one for each day and one for everything. A reservation is settled or released
/// once, by the amount that was reserved and in the ledgers in which it was: in the day's of its reservation, even after
/// midnight. Who keeps the ledgers sees to that; here neither figure falls below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ledger {
    spent: Usd,
    reserved: Usd,
}

impl Ledger {
    /// A ledger with these figures, as they were kept.
    pub fn new(spent: Usd, reserved: Usd) -> Self {
        Self { spent, reserved }
    }

    /// What has been paid.
    pub fn spent(&self) -> Usd {
        self.spent
    }

    /// What is set aside for videos that are being made.
    pub fn reserved(&self) -> Usd {
        self.reserved
    }

    /// What is left of a limit; nothing when it is exceeded.
    pub fn left_of(&self, limit: Usd) -> Usd {
        limit.saturating_sub(self.spent).saturating_sub(self.reserved)
    }

    /// Sets an amount aside, which [`Budget::decide`](crate::Budget::decide) has allowed.
    pub fn reserve(&mut self, amount: Usd) {
        self.reserved = self.reserved + amount;
    }

    /// Turns a reservation into money spent. When it is not known what was billed, all that was reserved counts as
    /// spent: the bill is somewhere, and it was not expected to be higher.
    pub fn settle(&mut self, reservation: Usd, billed: Option<Usd>) {
        self.release(reservation);
        self.spent = self.spent + billed.unwrap_or(reservation);
    }

    /// Gives a reservation back. Only with proof that nothing was billed.
    pub fn release(&mut self, reservation: Usd) {
        self.reserved = self.reserved.saturating_sub(reservation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        text.parse().unwrap()
    }

    #[test]
    fn a_reservation_becomes_what_was_billed_or_is_given_back() {
        let mut ledger = Ledger::default();
        ledger.reserve(usd("0.28"));
        ledger.reserve(usd("0.49"));
        assert_eq!(ledger.left_of(usd("1")), usd("0.23"));

        ledger.settle(usd("0.28"), Some(usd("0.27")));
        assert_eq!(ledger, Ledger::new(usd("0.27"), usd("0.49")));
        ledger.release(usd("0.49"));
        assert_eq!(ledger, Ledger::new(usd("0.27"), Usd::ZERO));
    }

    #[test]
    fn an_unknown_bill_is_never_taken_for_nothing() {
        let mut ledger = Ledger::new(Usd::ZERO, usd("0.28"));
        ledger.settle(usd("0.28"), None);
        assert_eq!(ledger, Ledger::new(usd("0.28"), Usd::ZERO));
    }

    #[test]
    fn no_figure_falls_below_zero_and_no_bill_is_lost() {
        let mut ledger = Ledger::default();
        ledger.release(usd("1"));
        ledger.settle(usd("1"), Some(usd("0.28")));
        assert_eq!(ledger, Ledger::new(usd("0.28"), Usd::ZERO));
        assert_eq!(ledger.left_of(usd("0.10")), Usd::ZERO);
    }
}
