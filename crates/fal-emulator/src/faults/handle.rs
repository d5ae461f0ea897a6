//! The faults of a running emulator, for tests and for the emulator itself.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;

use crate::faults::exchange::Exchange;
use crate::faults::fault::{Fault, Subject};
use crate::faults::header;
use crate::faults::plan::{ActiveRule, Plan};
use crate::faults::rule::FaultRule;

/// A handle on the faults of one emulator; what it changes holds from the next exchange on.
#[derive(Clone)]
pub struct Faults {
    plan: Arc<Mutex<Plan>>,
}

impl Faults {
    pub(crate) fn of(plan: Plan) -> Self {
        Self { plan: Arc::new(Mutex::new(plan)) }
    }

    /// Adds a rule behind those in force, and gives its number.
    pub fn add(&self, rule: FaultRule) -> u64 {
        self.plan().add(rule)
    }

    /// Takes a rule away; false where there is none of this number. Requests that carry its fault keep it.
    pub fn remove(&self, id: u64) -> bool {
        self.plan().remove(id)
    }

    /// Takes all rules away. Requests that carry a fault keep it.
    pub fn clear(&self) {
        self.plan().clear();
    }

    /// The rules in force, in the order in which they are asked.
    pub fn rules(&self) -> Vec<ActiveRule> {
        self.plan().rules()
    }

    /// How many exchanges, or submits, this rule has hit; 0 where there is none of this number.
    pub fn hits(&self, id: u64) -> u64 {
        self.rules().iter().find(|active| active.id == id).map_or(0, |active| active.hits)
    }

    /// All hits since the start by the name of the fault, those that a header asked for included.
    pub fn hits_by_name(&self) -> BTreeMap<&'static str, u64> {
        self.plan().hits()
    }

    /// The seed that the hits follow from.
    pub fn seed(&self) -> u64 {
        self.plan().seed
    }

    /// What strikes this exchange; `asked` is what its header says.
    pub(super) fn for_exchange(&self, exchange: &Exchange, asked: Vec<Fault>) -> Vec<Fault> {
        let asked = asked.into_iter().filter(|fault| fault.subject() == Subject::Exchange).collect();
        self.plan().for_exchange(exchange, asked)
    }

    /// What a request that is accepted now will carry with it.
    pub(crate) fn for_request(&self, endpoint_id: &str, headers: &HeaderMap) -> Vec<Fault> {
        // A header with a mistake in it was refused before anything could be accepted.
        let asked = header::asked(headers).unwrap_or_default();
        let asked = asked.into_iter().filter(|fault| fault.subject() != Subject::Exchange).collect();
        self.plan().for_request(endpoint_id, asked)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.rules()).finish()
    }
}
