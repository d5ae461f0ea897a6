//! How far an upload is.

use std::fmt;
use std::sync::Arc;

/// Is told how far an upload is, or nobody is.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn(u64, u64) + Send + Sync>>);

impl Progress {
    /// Nobody is told.
    pub fn none() -> Self {
        Self::default()
    }

    /// Tells how many bytes have arrived, of how many: 0 at the beginning, all at the end, and after each part in
    /// between. Nothing is told of a file that is there already or that somebody else is sending just then. A second
    /// way, when the first one failed, begins at 0 again.
    pub fn to(tell: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    pub(crate) fn tell(&self, arrived: u64, of: u64) {
        if let Some(tell) = &self.0 {
            tell(arrived, of);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}
