//! Writes down what is reserved for a generation and what is spent on it.

use videogen_domain::{
    Asset, AssetId, Budget, CostEstimate, Decision, Failure, FailureKind, Generation, GenerationEvent, GenerationState,
    LearnedUnits, Observation, ProjectId, Refusal, UnixMillis,
};

use super::collect::file_name;
use crate::{Bill, Booking, BooksError, FinishedVideo, GenerationService, error_chain};

impl GenerationService {
    /// Chooses the name under which a generation is booked, where it has none.
    pub(crate) fn name_booking(&self, generation: &mut Generation) {
        let begins = matches!(generation.state, GenerationState::Planned | GenerationState::Ready);
        if begins && self.books.is_some() && generation.booking_id.is_none() {
            generation.booking_id = Some(uuid::Uuid::now_v7().to_string());
        }
    }

    /// Sets aside what a generation will cost, or refuses it. Done again, it sets nothing aside twice; of the model that
    /// was asked before nothing stays set aside.
    ///
    /// [`run`](Self::run) does so before it submits. Whoever takes generations in and runs them later does it at once, so
    /// that what is taken in fits into the budget.
    ///
    /// # Errors
    /// [`FailureKind::OverBudget`] when it does not fit, or [`FailureKind::Record`] when that cannot be written down.
    pub async fn reserve(&self, generation: &Generation) -> Result<(), Failure> {
        let (Some(books), Some(booking_id)) = (&self.books, &generation.booking_id) else { return Ok(()) };
        let booking = Booking {
            booking_id: booking_id.clone(),
            project_id: generation.plan.as_ref().and_then(|plan| plan.project_id.clone()),
            model_id: generation.model_id.clone(),
            endpoint_id: generation.endpoint_id.clone(),
            estimate: generation.estimate(),
            at: now(),
        };
        match books.reserve(&booking, &self.budget).await {
            Ok(Decision::Allowed { .. }) => Ok(()),
            Ok(Decision::Refused(refusal)) => Err(over_budget(&refusal)),
            Err(error) => self.unwritten(generation, &error),
        }
    }

    /// Whether several videos fit into the budget together, as things are now. Nothing is set aside.
    ///
    /// # Errors
    /// As [`reserve`](Self::reserve).
    pub async fn fits(&self, estimate: CostEstimate, project: Option<&ProjectId>) -> Result<(), Failure> {
        let Some(books) = &self.books else { return Ok(()) };
        let ledgers = books.ledgers(project, now()).await;
        let ledgers = ledgers.map_err(|error| {
            Failure::new(FailureKind::Record, error.recovery(), error_chain(&error), error.advice())
        })?;
        let together = Budget { per_request: None, ..self.budget };
        match together.decide(&ledgers, estimate) {
            Decision::Allowed { .. } => Ok(()),
            Decision::Refused(refusal) => Err(over_budget(&refusal)),
        }
    }

    /// Writes down what an event means for the money that is set aside, before the event is recorded: a step that is
    /// taken again after a crash writes it down again, which changes nothing. What cannot be written stays set aside,
    /// which sells nothing twice.
    pub(crate) async fn book(&self, generation: &Generation, event: &GenerationEvent) {
        let (Some(books), Some(booking_id)) = (&self.books, &generation.booking_id) else { return };
        let written = match event {
            GenerationEvent::Submitted(remote) => books.accepted(booking_id, &remote.request_id).await,
            // Taken in, and then not needed.
            GenerationEvent::Reused(_) => books.release(booking_id, now()).await,
            GenerationEvent::Failed(_) if is_unbilled(generation) => books.release(booking_id, now()).await,
            // It was dropped before anything had worked on it.
            GenerationEvent::Cancelled(_) if !generation.was_in_progress => books.release(booking_id, now()).await,
            // It ended, and nothing proves that it cost nothing.
            GenerationEvent::Failed(_) | GenerationEvent::Cancelled(_) => match self.bill(generation) {
                Some(bill) => books.settle(&bill, None).await.map(drop),
                None => Ok(()),
            },
            _ => Ok(()),
        };
        if let Err(error) = written {
            tracing::warn!(
                error = error_chain(&error),
                booking_id,
                event = event.name(),
                "the books are not up to date"
            );
        }
    }

    /// Gives back what is set aside for a generation that stands still before anything was sent: it is set aside again
    /// when it goes on, and nobody has to come back for it.
    pub async fn let_go(&self, generation: &Generation) {
        if matches!(generation.state, GenerationState::Planned | GenerationState::Ready) {
            self.give_back(generation).await;
        }
    }

    /// Gives back what is set aside for a generation of which somebody has found out that fal did not accept it.
    pub async fn give_back(&self, generation: &Generation) {
        let (Some(books), Some(booking_id)) = (&self.books, &generation.booking_id) else { return };
        if let Err(error) = books.release(booking_id, now()).await {
            tracing::warn!(error = error_chain(&error), booking_id, "the books are not up to date");
        }
    }

    /// Settles what is set aside, and puts the video into its project.
    pub(super) async fn settle_books(&self, generation: &Generation) -> Result<(), Failure> {
        let (Some(books), Some(bill)) = (&self.books, self.bill(generation)) else { return Ok(()) };
        match books.settle(&bill, self.asset(generation, &bill).as_ref()).await {
            Ok(_) => Ok(()),
            Err(error) => self.unwritten(generation, &error),
        }
    }

    fn bill(&self, generation: &Generation) -> Option<Bill> {
        let plan = generation.plan.as_ref();
        Some(Bill {
            booking_id: generation.booking_id.clone(),
            request_id: generation.request_id()?.to_owned(),
            project_id: plan.and_then(|plan| plan.project_id.clone()),
            model_id: generation.model_id.clone(),
            endpoint_id: generation.endpoint_id.clone(),
            class: plan.map(|plan| LearnedUnits::class_of(&plan.parameters)),
            billable_units: generation.video.as_ref().and_then(|video| video.billable_units),
            billed: self.billed(generation),
            finished: self.finished(generation),
            at: now(),
        })
    }

    /// What the next request of the same is given.
    fn finished(&self, generation: &Generation) -> Option<FinishedVideo> {
        let stored = generation.stored.as_ref()?;
        Some(FinishedVideo {
            fingerprint: generation.fingerprint.clone()?,
            place: self.assets.place(),
            name: file_name(generation),
            bytes: stored.bytes,
            content_hash: stored.content_hash.clone(),
        })
    }

    fn asset(&self, generation: &Generation, bill: &Bill) -> Option<Asset> {
        let (plan, stored) = (generation.plan.as_ref()?, generation.stored.as_ref()?);
        Some(Asset {
            id: AssetId::from(bill.request_id.as_str()),
            project_id: plan.project_id.clone()?,
            scene_id: plan.scene_id.clone(),
            name: file_name(generation),
            model_id: generation.model_id.clone(),
            request_id: bill.request_id.clone(),
            facts: stored.facts,
            bytes: stored.bytes,
            estimate: plan.estimate.upper_bound(),
            billed: bill.billed,
            created_at: bill.at,
            deleted_at: None,
        })
    }

    /// Without a limit and a project, books that cannot be written keep nobody from a video.
    pub(super) fn unwritten(&self, generation: &Generation, error: &BooksError) -> Result<(), Failure> {
        let needed = self.budget.has_limits() || generation.plan.as_ref().is_some_and(|plan| plan.project_id.is_some());
        if needed {
            let failure = Failure::new(FailureKind::Record, error.recovery(), error_chain(error), error.advice());
            return Err(failure.with_request_id(generation.request_id().map(str::to_owned)));
        }
        tracing::warn!(error = error_chain(error), "what is spent cannot be written down");
        Ok(())
    }
}

/// Whether a generation that fails now has provably cost nothing.
fn is_unbilled(generation: &Generation) -> bool {
    match generation.state {
        GenerationState::Planned | GenerationState::Ready | GenerationState::Submitting => true,
        GenerationState::Submitted => generation.observation == Some(Observation::Done { failed: true }),
        _ => false,
    }
}

fn over_budget(refusal: &Refusal) -> Failure {
    let message = format!("nothing was sent: {refusal}");
    Failure::new(FailureKind::OverBudget, refusal.recovery(), message, refusal.advice())
}

pub(super) fn now() -> UnixMillis {
    UnixMillis(jiff::Timestamp::now().as_millisecond())
}
