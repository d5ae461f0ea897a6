//! The bill: one row for each request that was accepted, which is what "paid" means in tests.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

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
    /// When the request ended, for better or worse; `None` before.
    pub ended_at: Option<Timestamp>,
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
            ended_at: job.ended_at,
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
        self.board.spent()
    }

    /// The charges of the requests whose input is as wished, in the order of acceptance. Inputs are known for 30 days after the
    /// end, unless they are deleted through the platform API.
    pub fn charges_for_input(&self, wished: impl Fn(&Value) -> bool) -> Vec<Charge> {
        let charges = self.board.view_all(|job| (!job.forgotten && wished(&job.input)).then(|| Charge::of(job)));
        charges.into_iter().flatten().collect()
    }

    /// The double payments: charges of requests that have the same endpoint and the same input, each group in the order of
    /// acceptance.
    ///
    /// A request that cost nothing was not paid, so that trying again after a failure is none. Inputs that differ at all, for
    /// example in a seed or in the URL of the same picture, are different inputs. One that is no longer known is like no other.
    pub fn duplicates(&self) -> Vec<Vec<Charge>> {
        let (mut groups, mut known) = (Vec::<Vec<Charge>>::new(), HashMap::new());
        let known_inputs =
            self.board.view_all(|job| (!job.forgotten).then(|| (Arc::clone(&job.input), Charge::of(job))));
        for (input, charge) in known_inputs.into_iter().flatten() {
            if !charge.amount_usd.is_zero() {
                let group = *known.entry((charge.endpoint_id.clone(), input)).or_insert(groups.len());
                if group == groups.len() {
                    groups.push(Vec::new());
                }
                groups[group].push(charge);
            }
        }
        groups.retain(|group| group.len() > 1);
        groups
    }

    /// Asserts that so many requests were accepted.
    ///
    /// # Panics
    ///
    /// Where the ledger has more rows, or fewer.
    #[track_caller]
    pub fn assert_charges(&self, expected: usize) {
        let found = self.charges().len();
        assert!(found == expected, "{found} requests were accepted, expected {expected}; the ledger has {self:?}");
    }

    /// Asserts that no request was accepted.
    ///
    /// # Panics
    ///
    /// Where the ledger has a row, even one of 0 USD.
    #[track_caller]
    pub fn assert_nothing_charged(&self) {
        self.assert_charges(0);
    }

    /// Asserts the sum of all amounts, in USD.
    ///
    /// # Panics
    ///
    /// Where it is another one.
    #[track_caller]
    pub fn assert_total_usd(&self, expected: Decimal) {
        let total = self.total_usd();
        assert!(total == expected, "{total} USD in all, expected {expected}; the ledger has {self:?}");
    }

    /// Asserts that each of these requests was charged once, and no other one at all.
    ///
    /// # Panics
    ///
    /// Where one of them has not exactly one row, or where there are other rows.
    #[track_caller]
    pub fn assert_one_charge_each(&self, request_ids: &[impl AsRef<str>]) {
        for id in request_ids {
            self.assert_charged_once(id.as_ref());
        }
        self.assert_charges(request_ids.len());
    }

    /// Asserts that nothing was paid twice, as [`Ledger::duplicates`] understands it.
    ///
    /// # Panics
    ///
    /// Where something was.
    #[track_caller]
    pub fn assert_no_duplicates(&self) {
        let duplicates = self.duplicates();
        assert!(duplicates.is_empty(), "paid more than once: {duplicates:?}; the ledger has {self:?}");
    }

    /// Asserts that this request was charged, and once.
    ///
    /// A submit that is sent twice becomes two requests, so a test of double payment also asks
    /// [`Ledger::assert_no_duplicates`].
    ///
    /// # Panics
    ///
    /// Where the ledger has no row for the request.
    #[track_caller]
    pub fn assert_charged_once(&self, request_id: &str) {
        // By its id a request has one row or none.
        let is_known = self.board.view(request_id, |_| ()).is_some();
        assert!(is_known, "request {request_id} was charged 0 times, expected once; the ledger has {self:?}");
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.charges()).finish()
    }
}
