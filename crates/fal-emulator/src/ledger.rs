//! The bill: one row for each request that was accepted, which is what "paid" means in tests.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::board::Board;
use crate::job::Job;

/// One accepted request. Until it has completed, units and amount are the expected ones.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Charge {
    /// The request id that the submit answered with.
    pub request_id: String,
    /// The endpoint that was called.
    pub endpoint_id: String,
    /// The units billed, as in `x-fal-billable-units`; seconds for the video models. 0 for refused input and cancelled requests.
    pub billable_units: Decimal,
    /// USD per unit, as the pricing API gives it.
    pub unit_price_usd: Decimal,
    /// USD, exact: units × price where the units are whole.
    pub amount_usd: Decimal,
    /// When the submit was accepted.
    pub accepted_at: Timestamp,
}

impl Charge {
    pub(crate) fn of(job: &Job) -> Self {
        Self {
            request_id: job.id.clone(),
            endpoint_id: job.endpoint_id.clone(),
            billable_units: job.price.units,
            unit_price_usd: job.price.unit_price,
            amount_usd: job.price.amount,
            accepted_at: job.accepted_at,
        }
    }
}

/// A handle on the bill of one emulator; each call sees the current state.
#[derive(Clone)]
pub struct Ledger {
    board: Arc<Board>,
}

impl Ledger {
    pub(crate) fn of(board: Arc<Board>) -> Self {
        Self { board }
    }

    /// Every charge in the order of acceptance, those of former runs on the same state folder included.
    pub fn charges(&self) -> Vec<Charge> {
        self.board.charges()
    }

    /// The sum of all amounts, in USD.
    pub fn total_usd(&self) -> Decimal {
        self.charges().iter().map(|charge| charge.amount_usd).sum()
    }

    /// Asserts that this request was charged, and once.
    ///
    /// A submit that is sent twice becomes two requests, so a test of double payment also counts [`Ledger::charges`].
    ///
    /// # Panics
    ///
    /// Where the ledger has no row for the request, or more than one.
    #[track_caller]
    pub fn assert_charged_once(&self, request_id: &str) {
        let charges = self.charges();
        let own = charges.iter().filter(|charge| charge.request_id == request_id).count();
        assert!(own == 1, "request {request_id} was charged {own} times, expected once; the ledger has {self:?}");
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.charges()).finish()
    }
}
