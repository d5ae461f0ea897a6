//! All requests of one emulator, under one lock, and their records on disk.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rust_decimal::Decimal;
use tokio::sync::watch;
use uuid::Uuid;

use crate::clock::Clock;
use crate::error::Error;
use crate::job::{Job, Phase};
use crate::ledger::Charge;
use crate::line::{Line, Place};
use crate::outcome::Outcome;
use crate::state_dir::{StateDir, read_records};

/// Every request, by id and in the order of acceptance.
pub(crate) struct Board {
    clock: Clock,
    state: Arc<StateDir>,
    /// How many may be in progress at a time.
    runners: usize,
    /// Far more often looked at than changed.
    jobs: RwLock<Jobs>,
    /// Wakes whoever shows a position.
    moved: watch::Sender<()>,
    /// Wakes whoever shows everything.
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct Jobs {
    /// Boxed, so that the table grows without moving every request.
    by_id: HashMap<String, Box<Job>>,
    order: Vec<String>,
    line: Line,
    running: usize,
    /// By endpoint, so that nobody has to add all requests up.
    bills: BTreeMap<String, Bill>,
}

/// What the requests of one endpoint come to. Unfinished ones count with their expected price.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bill {
    pub(crate) requests: usize,
    pub(crate) usd: Decimal,
}

/// What became of the wish to cancel.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cancellation {
    /// It is dropped from the queue, and has ended.
    Dropped,
    /// Its runner is asked to stop.
    Stopping,
    TooLate,
    Unknown,
}

impl Board {
    pub(crate) fn open(state: Arc<StateDir>, clock: Clock, runners: usize) -> Result<Self, Error> {
        let mut jobs = Jobs::default();
        // The names are time-ordered ids, so this is the order of acceptance.
        for job in read_records(&state.requests())? {
            jobs.insert(job);
        }
        Ok(Self {
            clock,
            state,
            runners,
            jobs: RwLock::new(jobs),
            moved: watch::Sender::default(),
            changed: watch::Sender::default(),
        })
    }

    /// Whether records last, and so are written.
    pub(crate) fn is_durable(&self) -> bool {
        self.state.is_durable()
    }

    /// Takes a request in, and charges it. Blocks on the disk where the state is durable.
    pub(crate) fn accept(&self, job: Job) -> io::Result<()> {
        self.save(&job)?;
        self.write().insert(job);
        self.changed.send_replace(());
        Ok(())
    }

    /// Looks at a request.
    pub(crate) fn view<T>(&self, id: &str, look: impl FnOnce(&Job) -> T) -> Option<T> {
        self.read().by_id.get(id).map(|job| look(job))
    }

    /// Looks at a request together with how many are ahead of it; 0 where it does not wait.
    pub(crate) fn view_with_position<T>(&self, id: &str, look: impl FnOnce(&Job, usize) -> T) -> Option<T> {
        let jobs = self.read();
        jobs.by_id.get(id).map(|job| look(job, jobs.position(job)))
    }

    /// How many wait for an endpoint.
    pub(crate) fn waiting(&self, endpoint_id: &str) -> usize {
        self.read().line.length(endpoint_id)
    }

    /// Adds a line to a request's log.
    pub(crate) fn log(&self, id: &str, message: impl Into<String>) {
        let now = self.clock.now();
        self.change(id, |job| job.log(message, now));
    }

    /// Empties a request's log, since it is begun anew.
    pub(crate) fn forget_logs(&self, id: &str) {
        self.change(id, |job| job.logs.clear());
    }

    /// Puts a request in line.
    ///
    /// With a shown position it waits there until [`Board::release`] lets a runner take it.
    pub(crate) fn enqueue(&self, id: &str, shown_position: Option<usize>) {
        let mut jobs = self.write();
        let jobs = &mut *jobs;
        let Some(job) = jobs.by_id.get_mut(id).filter(|job| job.outcome.is_none()) else { return };
        if job.phase == Phase::Running {
            jobs.running -= 1;
        }
        let place = jobs.line.join(&job.endpoint_id, id, job.options.low_priority);
        let shown = shown_position.unwrap_or_default();
        job.phase = Phase::Waiting { place, ready: shown_position.is_none(), shown_position: shown };
        job.changed.send_replace(());
        self.changed.send_replace(());
    }

    /// Changes the position that is shown at least; without one, a runner may take the request.
    pub(crate) fn release(&self, id: &str, shown_position: Option<usize>) {
        self.change(id, |job| {
            if let Phase::Waiting { place, .. } = job.phase {
                let shown = shown_position.unwrap_or_default();
                job.phase = Phase::Waiting { place, ready: shown_position.is_none(), shown_position: shown };
            }
        });
    }

    /// Gives the next request to a runner; `None` where nobody waits or all runners are taken.
    pub(crate) fn begin_next(&self) -> Option<Job> {
        let mut jobs = self.write();
        if jobs.running >= self.runners {
            return None;
        }
        let ready = |id: &&str| matches!(jobs.by_id[*id].phase, Phase::Waiting { ready: true, .. });
        let id = jobs.line.heads().into_iter().find(ready)?.to_owned();
        jobs.leave_line(&id);
        let begun = jobs.begin(&id, &self.clock);
        drop(jobs);
        self.moved.send_replace(());
        self.changed.send_replace(());
        begun
    }

    /// Takes a request in and gives it straight to a runner; `None`, and no charge, where all are taken.
    /// Blocks on the disk where the state is durable.
    pub(crate) fn accept_directly(&self, job: Job) -> io::Result<Option<Job>> {
        let id = job.id.clone();
        let mut jobs = self.write();
        if jobs.running >= self.runners {
            return Ok(None);
        }
        jobs.insert(job);
        let begun = jobs.begin(&id, &self.clock);
        drop(jobs);
        self.changed.send_replace(());
        if let Some(Err(error)) = begun.as_ref().map(|job| self.save(job)) {
            // Nobody will work on it: its runner is free again, and it costs nothing. That is not recorded either.
            let _ = self.complete_if(&id, Outcome::Cancelled, |_| true);
            return Err(error);
        }
        Ok(begun)
    }

    /// Takes a request from its runner, who was lost; it is in no line until it is put there again.
    pub(crate) fn lose_runner(&self, id: &str) {
        let mut jobs = self.write();
        let jobs = &mut *jobs;
        let Some(job) = jobs.by_id.get_mut(id).filter(|job| job.phase == Phase::Running) else { return };
        job.phase = Phase::Outside;
        jobs.running -= 1;
        job.changed.send_replace(());
        self.changed.send_replace(());
    }

    /// Ends a request, unless it has ended already or is not as it should be; says whether it did.
    /// Blocks on the disk where the state is durable.
    pub(crate) fn complete_if(&self, id: &str, outcome: Outcome, wanted: fn(&Job) -> bool) -> io::Result<bool> {
        let mut jobs = self.write();
        if !jobs.by_id.get(id).is_some_and(|job| job.outcome.is_none() && wanted(job)) {
            return Ok(false);
        }
        let done = jobs.complete(id, outcome, &self.clock).filter(|_| self.is_durable()).cloned();
        drop(jobs);
        self.moved.send_replace(());
        self.changed.send_replace(());
        done.map_or(Ok(()), |job| self.save(&job))?;
        // It may have been forgotten while its end was being written.
        let forgotten = self.view(id, |job| job.forgotten.then(|| job.clone())).flatten();
        forgotten.map_or(Ok(()), |job| self.save(&job))?;
        Ok(true)
    }

    /// Drops a queued request, or asks the runner of a running one to stop. Blocks on the disk where the state is durable.
    pub(crate) fn cancel(&self, id: &str) -> io::Result<Cancellation> {
        let ended = self.view(id, |job| {
            job.stop.cancel();
            job.outcome.is_some()
        });
        match ended {
            None => Ok(Cancellation::Unknown),
            Some(true) => Ok(Cancellation::TooLate),
            Some(false) => {
                let dropped = self.complete_if(id, Outcome::Cancelled, Job::is_queued)?;
                Ok(if dropped { Cancellation::Dropped } else { Cancellation::Stopping })
            }
        }
    }

    /// The requests that were accepted and not finished, in order.
    pub(crate) fn unfinished(&self) -> Vec<String> {
        let jobs = self.read();
        jobs.order.iter().filter(|id| jobs.by_id[*id].outcome.is_none()).cloned().collect()
    }

    /// Wakes on each change of the request.
    pub(crate) fn watch(&self, id: &str) -> Option<watch::Receiver<()>> {
        self.view(id, |job| job.changed.subscribe())
    }

    /// Wakes whenever requests move up.
    pub(crate) fn watch_line(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// Wakes whenever anything has changed.
    pub(crate) fn watch_all(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Forgets input, output and log of a request that has ended. Blocks on the disk where the state is durable.
    pub(crate) fn forget(&self, id: &str) -> io::Result<()> {
        let forgotten = {
            let mut jobs = self.write();
            let Some(job) = jobs.by_id.get_mut(id).filter(|job| job.outcome.is_some()) else { return Ok(()) };
            job.forget();
            job.clone()
        };
        self.changed.send_replace(());
        self.save(&forgotten)
    }

    /// Asks every runner to stop.
    pub(crate) fn stop_all(&self) {
        self.read().by_id.values().for_each(|job| job.stop.cancel());
    }

    /// The sum of all charges, in USD.
    pub(crate) fn spent(&self) -> Decimal {
        self.read().bills.values().map(|bill| bill.usd).sum()
    }

    /// What each endpoint's requests come to.
    pub(crate) fn bills(&self) -> BTreeMap<String, Bill> {
        self.read().bills.clone()
    }

    /// How many wait, for whatever endpoint, and how many are in progress.
    pub(crate) fn crowd(&self) -> (usize, usize) {
        let jobs = self.read();
        (jobs.line.total(), jobs.running)
    }

    /// One charge for each accepted request, in order.
    pub(crate) fn charges(&self) -> Vec<Charge> {
        self.view_all(Charge::of)
    }

    /// Looks at every request in the order of acceptance.
    pub(crate) fn view_all<T>(&self, mut look: impl FnMut(&Job) -> T) -> Vec<T> {
        let jobs = self.read();
        jobs.order.iter().filter_map(|id| jobs.by_id.get(id)).map(|job| look(job)).collect()
    }

    /// Looks at the latest requests with their positions, newest first, and says how many there are in all.
    pub(crate) fn latest<T>(&self, most: usize, mut look: impl FnMut(&Job, usize) -> T) -> (Vec<T>, usize) {
        let jobs = self.read();
        let latest = jobs.order.iter().rev().take(most).filter_map(|id| jobs.by_id.get(id));
        (latest.map(|job| look(job, jobs.position(job))).collect(), jobs.order.len())
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Job)) {
        if let Some(job) = self.write().by_id.get_mut(id) {
            change(job);
            job.changed.send_replace(());
        }
        self.changed.send_replace(());
    }

    fn save(&self, job: &Job) -> io::Result<()> {
        if !self.is_durable() {
            return Ok(());
        }
        let text = serde_json::to_vec_pretty(job).map_err(io::Error::other)?;
        self.state.write(&self.state.requests().join(format!("{}.json", job.id)), &text)
    }

    fn read(&self) -> RwLockReadGuard<'_, Jobs> {
        self.jobs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Jobs> {
        self.jobs.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs {
    fn insert(&mut self, job: Job) {
        let bill = self.bills.entry(job.endpoint_id.clone()).or_default();
        bill.requests += 1;
        bill.usd += job.price.amount;
        self.order.push(job.id.clone());
        self.by_id.insert(job.id.clone(), Box::new(job));
    }

    fn position(&self, job: &Job) -> usize {
        let Phase::Waiting { place, shown_position, .. } = job.phase else { return 0 };
        self.line.ahead(&job.endpoint_id, place).max(shown_position)
    }

    fn leave_line(&mut self, id: &str) -> Option<Place> {
        let job = self.by_id.get(id)?;
        let Phase::Waiting { place, .. } = job.phase else { return None };
        self.line.leave(&job.endpoint_id, place);
        Some(place)
    }

    fn begin(&mut self, id: &str, clock: &Clock) -> Option<Job> {
        let job = self.by_id.get_mut(id).filter(|job| job.is_queued())?;
        self.running += 1;
        job.phase = Phase::Running;
        job.attempts += 1;
        job.started_at = Some(clock.now());
        if job.attempts > 1 {
            job.gateway_id = Uuid::now_v7().to_string();
        }
        job.changed.send_replace(());
        Some(Job::clone(job))
    }

    fn complete(&mut self, id: &str, outcome: Outcome, clock: &Clock) -> Option<&Job> {
        self.leave_line(id);
        let job = self.by_id.get_mut(id).filter(|job| job.outcome.is_none())?;
        if job.phase == Phase::Running {
            self.running -= 1;
        }
        job.phase = Phase::Outside;
        let expected = job.price.amount;
        job.complete(outcome, clock.now());
        if let Some(bill) = self.bills.get_mut(&job.endpoint_id) {
            // Without the digits that subtracting leaves behind: 0, not 0.00.
            bill.usd = (bill.usd + job.price.amount - expected).normalize();
        }
        job.changed.send_replace(());
        Some(job)
    }
}
