//! The seam to where money and projects are written down.

mod budget;
mod error;
mod finished;
mod project;
mod sqlite;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;

pub use budget::{Bill, Booking, BudgetStore};
pub use error::BooksError;
pub use finished::FinishedVideo;
pub use project::{ProjectChange, ProjectStore};
pub use sqlite::SqliteBooks;

use videogen_domain::{Asset, Attachment};

/// Keeps money and projects together, so that a finished video enters both in one transaction.
#[async_trait::async_trait]
pub trait Books: BudgetStore + ProjectStore {
    /// Turns the reservation of a video into money spent, and puts the video into its project: all of it or nothing.
    /// Once a bill is settled, settling it again changes nothing. A bill of which nothing was known is taken in too.
    ///
    /// Where the project or the scene of the asset is gone, the asset is kept all the same.
    ///
    /// # Errors
    /// When the books cannot be read or written.
    async fn settle(&self, bill: &Bill, asset: Option<&Asset>) -> Result<Attachment, BooksError>;

    /// The videos that were [finished](Bill::finished) for a request of this fingerprint, the newest first. Whether their
    /// files are still there is not known here.
    ///
    /// # Errors
    /// When the books cannot be read.
    async fn finished_videos(&self, fingerprint: &str) -> Result<Vec<FinishedVideo>, BooksError>;
}
