//! Books in an SQLite file.

mod bookings;
mod finished;
mod ledgers;
mod open;
mod projects;
#[cfg(test)]
mod tests;
mod units;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use videogen_domain::{Asset, Attachment, Budget, Decision, LearnedUnits, Ledgers, Project, ProjectId, UnixMillis};

use self::open::Place;
use super::{Bill, Booking, Books, BooksError, BudgetStore, FinishedVideo, ProjectChange, ProjectStore};
use crate::fault_point;

/// Books in an SQLite file, which processes may share, or in memory. Cheap to clone.
///
/// The file is made, with its folder, when the books are used for the first time. Every change is on disk when its call
/// returns. Other tables may be in the same file.
#[derive(Debug, Clone)]
pub struct SqliteBooks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    place: Place,
    connection: Mutex<Option<Connection>>,
}

/// What goes wrong inside of a transaction.
enum Trouble {
    /// The database.
    Sqlite(rusqlite::Error),
    /// What is in it was written by a later version, or by somebody else.
    Unreadable(Box<dyn std::error::Error + Send + Sync>),
    /// What was asked for.
    Books(BooksError),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(error.into())
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error.into())
    }
}

impl From<BooksError> for Trouble {
    fn from(error: BooksError) -> Self {
        Self::Books(error)
    }
}

impl SqliteBooks {
    /// Books in this file.
    pub fn at(file: impl Into<PathBuf>) -> Self {
        Self::in_place(Place::File(file.into()))
    }

    /// Books that are gone with the process.
    pub fn in_memory() -> Self {
        Self::in_place(Place::Memory)
    }

    fn in_place(place: Place) -> Self {
        Self(Arc::new(Inner { place, connection: Mutex::new(None) }))
    }

    /// Does a piece of work in one transaction, on a thread that may wait for the disk.
    async fn transact<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, BooksError> {
        let inner = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || inner.transact(work)).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => Err(self.0.place.unusable(error.into())),
            },
        }
    }
}

impl Inner {
    fn transact<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Trouble>) -> Result<T, BooksError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let done = self.place.connected(&mut connection).and_then(|connection| {
            // It takes the place of the one writer at once: a reader could not become one after another has written.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let brought = work(&transaction)?;
            fault_point("books.commit", "before");
            transaction.commit()?;
            fault_point("books.commit", "after");
            Ok(brought)
        });
        done.map_err(|trouble| match trouble {
            Trouble::Books(error) => error,
            Trouble::Sqlite(error) => self.place.unusable(error.into()),
            Trouble::Unreadable(error) => self.place.unusable(error),
        })
    }
}

#[async_trait::async_trait]
impl BudgetStore for SqliteBooks {
    async fn reserve(&self, booking: &Booking, budget: &Budget) -> Result<Decision, BooksError> {
        let (booking, budget) = (booking.clone(), *budget);
        self.transact(move |books| bookings::reserve(books, &booking, &budget)).await
    }

    async fn accepted(&self, booking_id: &str, request_id: &str) -> Result<(), BooksError> {
        let (booking_id, request_id) = (booking_id.to_owned(), request_id.to_owned());
        self.transact(move |books| bookings::accepted(books, &booking_id, &request_id)).await
    }

    async fn release(&self, booking_id: &str, at: UnixMillis) -> Result<(), BooksError> {
        let booking_id = booking_id.to_owned();
        self.transact(move |books| bookings::release(books, &booking_id, at)).await
    }

    async fn ledgers(&self, project: Option<&ProjectId>, at: UnixMillis) -> Result<Ledgers, BooksError> {
        let project = project.cloned();
        self.transact(move |books| ledgers::all(books, project.as_ref(), at)).await
    }

    async fn learned_units(&self, endpoint_ids: &[String]) -> Result<LearnedUnits, BooksError> {
        let endpoint_ids = endpoint_ids.to_vec();
        self.transact(move |books| units::learned(books, &endpoint_ids)).await
    }
}

#[async_trait::async_trait]
impl ProjectStore for SqliteBooks {
    async fn create_project(&self, project: &Project) -> Result<(), BooksError> {
        let project = project.clone();
        self.transact(move |books| projects::create(books, &project)).await
    }

    async fn project(&self, id: &ProjectId) -> Result<Option<Project>, BooksError> {
        let id = id.clone();
        self.transact(move |books| projects::one(books, &id)).await
    }

    async fn projects(&self) -> Result<Vec<Project>, BooksError> {
        self.transact(projects::all).await
    }

    async fn change_project(&self, id: &ProjectId, change: ProjectChange) -> Result<Project, BooksError> {
        let id = id.clone();
        self.transact(move |books| projects::change(books, &id, change)).await
    }

    async fn assets(&self, project: &ProjectId) -> Result<Vec<Asset>, BooksError> {
        let project = project.clone();
        self.transact(move |books| projects::assets(books, &project)).await
    }

    async fn attach(&self, asset: &Asset) -> Result<Attachment, BooksError> {
        let asset = asset.clone();
        self.transact(move |books| projects::keep(books, &asset)).await
    }

    async fn asset_deleted(&self, request_id: &str, name: &str, at: UnixMillis) -> Result<(), BooksError> {
        let (request_id, name) = (request_id.to_owned(), name.to_owned());
        self.transact(move |books| projects::asset_deleted(books, &request_id, &name, at)).await
    }
}

#[async_trait::async_trait]
impl Books for SqliteBooks {
    async fn settle(&self, bill: &Bill, asset: Option<&Asset>) -> Result<Attachment, BooksError> {
        let (bill, asset) = (bill.clone(), asset.cloned());
        self.transact(move |books| {
            bookings::settle(books, &bill)?;
            bill.finished.iter().try_for_each(|video| finished::keep(books, video))?;
            asset.map_or(Ok(Attachment::NoScene), |asset| projects::keep(books, &asset))
        })
        .await
    }

    async fn finished_videos(&self, fingerprint: &str) -> Result<Vec<FinishedVideo>, BooksError> {
        let fingerprint = fingerprint.to_owned();
        self.transact(move |books| finished::of(books, &fingerprint)).await
    }
}
