//! How often something was sent again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many attempts a client and its clones have made again, since it was made. Stays current, and does not keep the
/// client's connections open.
#[derive(Debug, Clone, Default)]
pub struct RetryCount(Arc<AtomicU64>);

impl RetryCount {
    /// The number so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
