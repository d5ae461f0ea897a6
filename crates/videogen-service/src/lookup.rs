//! Looks for a submit whose answer was lost. Never submits anything.

use std::sync::Arc;
use std::time::Duration;

use fal_core::{EndpointId, LostSubmit, RequestHistory, Rescue};
use jiff::Timestamp;
use videogen_domain::{Failure, FailureKind, Generation, GenerationState, Recovery, RemoteRequest};

use crate::step::{input, remote};
use crate::{GenerationService, failure};

/// The longest time from an intent to the last byte of its submit.
const SUBMIT: Duration = Duration::from_secs(300);

/// What is known of a submit whose answer was lost.
#[derive(Debug)]
#[must_use]
pub enum Lookup {
    /// fal has accepted it, and this is it.
    Found(RemoteRequest),
    /// It may be one of these requests: a person has to look.
    Ambiguous(Vec<String>),
    /// fal's history does not have it. It may appear there later.
    NotFound,
    /// fal cannot be asked now, or never.
    Unavailable(Failure),
}

impl GenerationService {
    /// Looks there for submits whose answer was lost. Default: nobody looks, and they stand still.
    pub fn with_history(mut self, history: Arc<dyn RequestHistory>) -> Self {
        self.history = Some(history);
        self
    }

    /// Whether [`look_for`](Self::look_for) can find anything.
    pub fn has_history(&self) -> bool {
        self.history.is_some()
    }

    /// Looks for the submit of a generation that is [`Unconfirmed`](GenerationState::Unconfirmed): first for the request that
    /// an unclear answer has named, then for exactly its input in fal's history, but for the requests that are `known` to
    /// be others'. Reads only.
    pub async fn look_for(&self, generation: &Generation, known: &[String]) -> Lookup {
        debug_assert_eq!(generation.state, GenerationState::Unconfirmed);
        match self.lookup(generation, known).await {
            Ok(lookup) => lookup,
            Err(failure) => Lookup::Unavailable(failure),
        }
    }

    /// How long ago the last attempt to submit was recorded, by this machine's clock.
    pub fn since_attempt(&self, generation: &Generation) -> Option<Duration> {
        Some(Timestamp::now().duration_since(attempted_at(generation)?).unsigned_abs())
    }

    async fn lookup(&self, generation: &Generation, known: &[String]) -> Result<Lookup, Failure> {
        let endpoint: EndpointId = generation.endpoint_id.parse().map_err(|error| failure::from_fal(&error))?;
        if let Some(suspected) = &generation.suspected_request_id {
            let handle = self.fal.handle(&endpoint, suspected).map_err(|error| failure::from_fal(&error))?;
            match self.fal.status(&handle).await {
                Ok(_) => return Ok(Lookup::Found(remote(handle))),
                Err(error) => match failure::from_fal(&error) {
                    failure if failure.kind == FailureKind::NotFound => {}
                    failure => return Err(failure),
                },
            }
        }
        let Some(history) = &self.history else { return Err(nowhere()) };
        let Some(sent) = attempted_at(generation) else { return Err(nowhere()) };
        let until = sent.checked_add(SUBMIT).unwrap_or(Timestamp::MAX);
        let lost = LostSubmit::new(endpoint, input(generation)?, sent, until).without(known.iter().cloned());
        Ok(match history.rescue(&lost, Timestamp::now()).await {
            Rescue::Found(handle) => Lookup::Found(remote(handle)),
            Rescue::Ambiguous(ids) => Lookup::Ambiguous(ids),
            Rescue::NotFound { .. } => Lookup::NotFound,
            Rescue::Unavailable(error) => Lookup::Unavailable(failure::from_fal(&error)),
        })
    }
}

/// When the last attempt was recorded: its name tells.
fn attempted_at(generation: &Generation) -> Option<Timestamp> {
    let name = uuid::Uuid::parse_str(&generation.attempt.as_ref()?.attempt_id).ok()?;
    let (seconds, nanoseconds) = name.get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
}

fn nowhere() -> Failure {
    let message = "there is no history to look in";
    Failure::new(FailureKind::Unconfirmed, Recovery::Reconcile, message, "Look at https://fal.ai/dashboard/requests.")
}
