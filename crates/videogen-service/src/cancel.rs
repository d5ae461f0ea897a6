//! Carries out the wish that there be no video.

use fal_core::Cancellation;
use videogen_domain::{Failure, Generation, GenerationEvent, GenerationState};

use crate::step::handle;
use crate::{GenerationService, failure};

/// What has become of the wish to cancel a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CancelOutcome {
    /// There will be no video. Nothing is paid, unless fal had begun to work on it.
    Cancelled,
    /// Whoever is at work on it is asked to stop. It may end all the same, and be billed: its end will tell.
    Requested,
    /// The video is made, or the generation has ended otherwise.
    TooLate,
}

impl CancelOutcome {
    /// A stable name for programs, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Requested => "requested",
            Self::TooLate => "too_late",
        }
    }
}

impl GenerationService {
    /// What happens to a generation that is to be cancelled and of which nothing was sent; what was set aside for it is given
    /// back. `None`: it is too late for that.
    pub async fn cancel_unsent(&self, generation: &Generation) -> Option<GenerationEvent> {
        if !matches!(generation.state, GenerationState::Planned | GenerationState::Ready) {
            return None;
        }
        self.give_back(generation).await;
        Some(GenerationEvent::Cancelled(failure::cancelled(None)))
    }

    /// Asks fal to drop a request that it has accepted. Free, and may be done again. How the request ends is told by
    /// [running](Self::run) it on.
    ///
    /// # Errors
    /// When fal cannot be asked.
    pub async fn cancel_at_fal(&self, generation: &Generation) -> Result<CancelOutcome, Failure> {
        if generation.state != GenerationState::Submitted {
            return Ok(CancelOutcome::TooLate);
        }
        let request = handle(generation)?;
        match self.fal.cancel(&request).await {
            Ok(Cancellation::TooLate) => Ok(CancelOutcome::TooLate),
            Ok(_) => Ok(CancelOutcome::Requested),
            Err(error) => Err(failure::from_read(&error).with_request_id(Some(request.request_id))),
        }
    }
}
