//! What is reserved for videos, and what was spent on them.

use std::fmt::Debug;

use videogen_domain::{Budget, CostEstimate, Decimal, Decision, LearnedUnits, Ledgers, ProjectId, UnixMillis, Usd};

use super::{BooksError, FinishedVideo};

/// Keeps ledgers, one for each project, for each day by UTC, and for everything; and what fal has billed.
///
/// A booking has a name, the `booking_id`, by which whatever is done for it can be done again without being counted twice.
#[async_trait::async_trait]
pub trait BudgetStore: Debug + Send + Sync {
    /// Decides by the ledgers whether a video may be made, and sets its cost aside in the same transaction. Of a booking
    /// that has a reservation already, that one is given back first: it may be for another model.
    ///
    /// # Errors
    /// When the books cannot be read or written; then nothing is reserved.
    async fn reserve(&self, booking: &Booking, budget: &Budget) -> Result<Decision, BooksError>;

    /// Notes fal's request id, by which a bill is found again when the name of the booking is lost. Of a booking that is
    /// not known nothing is noted.
    ///
    /// # Errors
    /// When the books cannot be written.
    async fn accepted(&self, booking_id: &str, request_id: &str) -> Result<(), BooksError>;

    /// Gives a reservation back. Only with proof that nothing was billed. One that has ended is left as it is.
    ///
    /// # Errors
    /// When the books cannot be written.
    async fn release(&self, booking_id: &str, at: UnixMillis) -> Result<(), BooksError>;

    /// The ledgers that a video of this project would be booked in at this moment.
    ///
    /// # Errors
    /// When the books cannot be read.
    async fn ledgers(&self, project: Option<&ProjectId>, at: UnixMillis) -> Result<Ledgers, BooksError>;

    /// What fal has lately counted for videos of these endpoints.
    ///
    /// # Errors
    /// When the books cannot be read.
    async fn learned_units(&self, endpoint_ids: &[String]) -> Result<LearnedUnits, BooksError>;
}

/// A video that is about to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Our own name for it, unique.
    pub booking_id: String,
    /// The project that it is for.
    pub project_id: Option<ProjectId>,
    /// Our name for the model.
    pub model_id: String,
    /// fal's name for it.
    pub endpoint_id: String,
    /// What it will cost.
    pub estimate: CostEstimate,
    /// When it is asked for; decides the day.
    pub at: UnixMillis,
}

/// What fal billed for a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The name of its booking; `None` where it is not known: then the booking of the same request is settled, or else a
    /// new one.
    pub booking_id: Option<String>,
    /// fal's request id.
    pub request_id: String,
    /// The project that it is for; heeded where no booking says so.
    pub project_id: Option<ProjectId>,
    /// Our name for the model.
    pub model_id: String,
    /// fal's name for it.
    pub endpoint_id: String,
    /// By which price its video is billed: [`LearnedUnits::class_of`] of what was sent; `None` where that is not known.
    pub class: Option<String>,
    /// What `x-fal-billable-units` said; `None` where it said nothing.
    pub billable_units: Option<Decimal>,
    /// In USD; `None` when it is not known. Then what was reserved counts as spent.
    pub billed: Option<Usd>,
    /// The video, which is given to whoever asks for the same; `None`: it is given to nobody else.
    pub finished: Option<FinishedVideo>,
    /// When it is settled.
    pub at: UnixMillis,
}
