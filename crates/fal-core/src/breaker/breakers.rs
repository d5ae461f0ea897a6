//! The circuits of a client: asked before every attempt, told after it, watched by whoever wants to know.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::time::Instant;

use super::state::{Effect, Event, HEALTHY, State};
use super::{BreakerChange, BreakerPhase, BreakerPolicy, BreakerStatus, Circuit, CircuitOpen, Evidence};
use crate::Idempotency;
use crate::call::{Call, Speaker};

/// So many changes are kept for a receiver that is slow.
const KEPT_CHANGES: usize = 64;

/// The circuits of a client. Clones share them.
#[derive(Debug, Clone)]
pub struct Breakers(Option<Arc<Shared>>);

#[derive(Debug)]
struct Shared {
    policy: BreakerPolicy,
    // Those that are not healthy; an endpoint that never failed takes no memory.
    states: Mutex<HashMap<Circuit, State>>,
    /// When the last failure of each of them was counted.
    failed_at: Mutex<HashMap<Circuit, Instant>>,
    changes: broadcast::Sender<BreakerChange>,
}

impl Breakers {
    /// Without a policy everything always passes.
    pub(crate) fn new(policy: Option<BreakerPolicy>) -> Self {
        Self(policy.map(|policy| {
            let (changes, _) = broadcast::channel(KEPT_CHANGES);
            Arc::new(Shared { policy, states: Mutex::default(), failed_at: Mutex::default(), changes })
        }))
    }

    /// All circuits that are not closed or have failures, by name.
    pub fn snapshot(&self) -> Vec<BreakerStatus> {
        let Some(shared) = &self.0 else { return Vec::new() };
        let now = Instant::now();
        let status = |(circuit, state): (&Circuit, &State)| BreakerStatus {
            circuit: circuit.clone(),
            phase: phase(state.at(now)),
            failures: if let State::Closed { failures } = state { *failures } else { 0 },
            retry_in: if let State::Open { until } = state.at(now) { Some(until - now) } else { None },
        };
        let mut all: Vec<_> = shared.lock().iter().map(status).collect();
        all.sort_by_cached_key(|status| status.circuit.to_string());
        all
    }

    /// Tells of every change from now on. Without a breaker there are none, and the channel is closed.
    pub fn changes(&self) -> broadcast::Receiver<BreakerChange> {
        match &self.0 {
            Some(shared) => shared.changes.subscribe(),
            None => broadcast::channel(1).1,
        }
    }

    /// Closes all circuits: for when somebody has put right what was wrong, for example topped up the balance.
    pub fn reset(&self) {
        let Some(shared) = &self.0 else { return };
        let circuits: Vec<Circuit> = shared.lock().keys().cloned().collect();
        for circuit in circuits {
            shared.apply(&circuit, Event::Reset);
        }
    }

    /// Asks every circuit that the call needs. The pass has to be kept while the call is under way.
    pub(crate) fn admit(&self, call: &Call) -> Result<Pass, CircuitOpen> {
        let mut pass = Pass { breakers: self.clone(), trials: Vec::new(), began: Instant::now() };
        let Some(shared) = &self.0 else { return Ok(pass) };
        for (circuit, may_try) in needed(call) {
            match shared.apply(&circuit, Event::Asked { may_try }) {
                Effect::Admit { trial: true } => pass.trials.push(circuit),
                Effect::Admit { trial: false } | Effect::None => {}
                Effect::Refuse { retry_in, awaits_trial } => {
                    return Err(CircuitOpen { circuit, retry_in, awaits_trial });
                }
            }
        }
        Ok(pass)
    }

    /// Whether a circuit that the call needs is open, so that there is no use in waiting to send it again.
    pub(crate) fn refuses(&self, call: &Call) -> bool {
        let Some(shared) = &self.0 else { return false };
        let (now, states) = (Instant::now(), shared.lock());
        let open = |circuit| states.get(&circuit).is_some_and(|state| phase(state.at(now)) == BreakerPhase::Open);
        needed(call).any(|(circuit, _)| open(circuit))
    }

    /// What a whole call said about its endpoint; its last attempt began at that time.
    pub(crate) fn conclude(&self, call: &Call, evidence: Evidence, began: Instant) {
        if let Some(endpoint) = &call.endpoint {
            let common = evidence.is_broken_connection.then_some(began);
            self.tell(Circuit::Endpoint(endpoint.clone()), evidence.endpoint, None);
            self.tell(Circuit::Submits(endpoint.clone()), evidence.submits, common);
        }
    }

    /// `common` is when an attempt began whose failure may be that of many others too.
    fn tell(&self, circuit: Circuit, event: Event, common: Option<Instant>) {
        if let (Some(shared), true) = (&self.0, event != Event::Inconclusive)
            && (event != Event::Failed || shared.is_another_failure(&circuit, common))
        {
            shared.apply(&circuit, event);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<Circuit, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a failure is another one, and not the one that was counted while this attempt was under way: when a
    /// connection breaks, all calls on it fail, and that is one failure.
    fn is_another_failure(&self, circuit: &Circuit, common: Option<Instant>) -> bool {
        let mut failed_at = self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = failed_at.get(circuit).copied();
        if common.zip(counted).is_some_and(|(began, counted)| began < counted) {
            return false;
        }
        failed_at.insert(circuit.clone(), Instant::now());
        true
    }

    fn apply(&self, circuit: &Circuit, event: Event) -> Effect {
        let now = Instant::now();
        let policy = match circuit {
            Circuit::Host(_) | Circuit::Endpoint(_) | Circuit::Submits(_) => self.policy,
            Circuit::Key | Circuit::Balance => BreakerPolicy { failures: 1, ..self.policy },
        };
        let mut states = self.lock();
        let before = states.get(circuit).copied().unwrap_or(HEALTHY);
        let (after, effect) = before.after(event, &policy, now);
        match after {
            HEALTHY => states.remove(circuit),
            _ => states.insert(circuit.clone(), after),
        };
        // Whoever listens may ask for a snapshot.
        drop(states);
        self.announce(circuit, phase(before), phase(after));
        effect
    }

    fn announce(&self, circuit: &Circuit, from: BreakerPhase, to: BreakerPhase) {
        if from == to {
            return;
        }
        match to {
            BreakerPhase::Open => tracing::warn!(%circuit, ?from, ?to, pause = ?self.policy.open_for, "circuit opened"),
            _ => tracing::info!(%circuit, ?from, ?to, "circuit changed"),
        }
        // Nobody may be listening.
        let _ = self.changes.send(BreakerChange { circuit: circuit.clone(), from, to });
    }
}

/// The circuits that a call needs, and whether it can try each of them. A submit tries none but the balance: for that
/// there is no free read, and a refusal proves that nothing was paid.
fn needed(call: &Call) -> impl Iterator<Item = (Circuit, bool)> {
    let (safe, billable) = (call.idempotency == Idempotency::Safe, call.idempotency == Idempotency::Billable);
    let key = call.has_key().then_some((Circuit::Key, safe));
    let balance = billable.then_some((Circuit::Balance, true));
    let endpoint = call.endpoint.iter().filter(move |_| billable);
    let of_endpoint = endpoint.flat_map(|id| [Circuit::Endpoint(id.clone()), Circuit::Submits(id.clone())]);
    let host = (call.speaker != Speaker::Stranger).then_some((Circuit::Host(call.host), safe));
    key.into_iter().chain(balance).chain(host).chain(of_endpoint.map(|circuit| (circuit, false)))
}

fn phase(state: State) -> BreakerPhase {
    match state {
        State::Closed { .. } => BreakerPhase::Closed,
        State::Open { .. } => BreakerPhase::Open,
        State::HalfOpen { .. } => BreakerPhase::HalfOpen,
    }
}

/// A call that may be sent. When it tries a circuit and is given up before it has an outcome, another may try.
#[derive(Debug)]
pub(crate) struct Pass {
    breakers: Breakers,
    trials: Vec<Circuit>,
    began: Instant,
}

impl Pass {
    /// What the attempt said about everything but the endpoint.
    pub(crate) fn report(self, call: &Call, evidence: Evidence) {
        let common = evidence.is_broken_connection.then_some(self.began);
        self.breakers.tell(Circuit::Host(call.host), evidence.host, common);
        self.breakers.tell(Circuit::Key, evidence.key, None);
        self.breakers.tell(Circuit::Balance, evidence.balance, None);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(shared) = &self.breakers.0 {
            for circuit in &self.trials {
                shared.apply(circuit, Event::Inconclusive);
            }
        }
    }
}
