//! What was delivered, and how it was taken.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// One attempt to tell a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The request that has ended.
    pub request_id: String,
    /// 0 for the first attempt; it counts up until somebody takes the message.
    pub attempt: u32,
    /// When it was sent, which is also the time that was signed, in whole seconds.
    pub at: Timestamp,
    /// The HTTP status that came back; `None` where nobody answered.
    pub status: Option<u16>,
    /// Signed by somebody else, on purpose.
    pub forged: bool,
}

/// Every delivery of one emulator, in order.
#[derive(Default)]
pub(crate) struct Deliveries {
    sent: Mutex<Vec<Delivery>>,
}

impl Deliveries {
    pub(super) fn note(&self, delivery: Delivery) {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
    }

    pub(crate) fn all(&self) -> Vec<Delivery> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
