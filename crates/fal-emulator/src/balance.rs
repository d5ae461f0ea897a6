//! The account's credit: what was paid in, less what all requests cost.

use rust_decimal::Decimal;

use crate::shared::Shared;

/// What fal says to a submit when the credit is used up.
pub(crate) const EXHAUSTED: &str =
    "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.";

/// What an account shows whose credit never ends.
const ENDLESS: Decimal = Decimal::ONE_HUNDRED;

/// USD that are left, 0 at the least. Requests that have not ended count with their expected price.
pub(crate) fn left(shared: &Shared) -> Decimal {
    let Some(paid_in) = shared.settings.balance else { return ENDLESS };
    (paid_in - shared.board.spent()).max(Decimal::ZERO)
}

pub(crate) fn is_exhausted(shared: &Shared) -> bool {
    left(shared).is_zero()
}
