//! What it may cost to send a request twice.

/// What it may cost to send a request twice. The client chooses it for each of fal's calls; callers cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Idempotency {
    /// Nothing: a read, or a write of the same bytes.
    Safe,
    /// A second bill.
    Billable,
}
