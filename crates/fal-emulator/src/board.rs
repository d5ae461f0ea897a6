//! All requests of one emulator, under one lock, and their records on disk.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::job::{Job, Outcome};
use crate::ledger::Charge;
use crate::state_dir::{StateDir, read_record, records};

/// Every request, by id and in the order of acceptance.
pub(crate) struct Board {
    state: Arc<StateDir>,
    jobs: Mutex<Jobs>,
}

#[derive(Default)]
struct Jobs {
    by_id: HashMap<String, Job>,
    order: Vec<String>,
}

/// What became of the wish to cancel.
pub(crate) enum Cancellation {
    /// It is dropped from the queue, or being stopped.
    Requested,
    TooLate,
    Unknown,
}

impl Board {
    pub(crate) fn open(state: Arc<StateDir>) -> Result<Self, Error> {
        let mut jobs = Jobs::default();
        // The names are time-ordered ids, so this is the order of acceptance.
        for path in records(&state.requests())? {
            jobs.insert(read_record(&path)?);
        }
        Ok(Self { state, jobs: Mutex::new(jobs) })
    }

    /// Takes a request in, and charges it. Blocks on the disk.
    pub(crate) fn accept(&self, job: Job) -> io::Result<()> {
        self.save(&job)?;
        self.lock().insert(job);
        Ok(())
    }

    /// Looks at a request.
    pub(crate) fn view<T>(&self, id: &str, look: impl FnOnce(&Job) -> T) -> Option<T> {
        self.lock().by_id.get(id).map(look)
    }

    /// Looks at every request, in the order of acceptance.
    pub(crate) fn view_all<T>(&self, look: impl FnMut(&Job) -> T) -> Vec<T> {
        let jobs = self.lock();
        jobs.order.iter().filter_map(|id| jobs.by_id.get(id)).map(look).collect()
    }

    /// Changes a request in memory.
    pub(crate) fn update(&self, id: &str, change: impl FnOnce(&mut Job)) {
        if let Some(job) = self.lock().by_id.get_mut(id) {
            change(job);
        }
    }

    /// How many requests are ahead of this one; 0 where it does not wait.
    pub(crate) fn position(&self, id: &str) -> u64 {
        let jobs = self.lock();
        let Some(job) = jobs.by_id.get(id).filter(|job| job.is_queued()) else { return 0 };
        let waiting = |other: &&String| jobs.by_id.get(*other).is_some_and(Job::is_queued);
        let ahead = jobs.order.iter().take_while(|other| *other != id).filter(waiting).count() as u64;
        ahead.max(job.shown_position)
    }

    /// Takes a request out of the queue to be worked on; `None` where it was cancelled.
    pub(crate) fn begin(&self, id: &str) -> Option<Job> {
        let mut jobs = self.lock();
        let job = jobs.by_id.get_mut(id).filter(|job| job.is_queued())?;
        job.running = true;
        Some(job.clone())
    }

    /// Ends a request, unless it has ended already. Blocks on the disk.
    pub(crate) fn complete(&self, id: &str, outcome: Outcome, inference_time: f64) -> io::Result<()> {
        let mut jobs = self.lock();
        let Some(job) = jobs.by_id.get_mut(id).filter(|job| job.outcome.is_none()) else { return Ok(()) };
        job.complete(outcome, inference_time);
        let done = job.clone();
        drop(jobs);
        self.save(&done)
    }

    /// Drops a queued request, or asks the renderer of a running one to stop. Blocks on the disk.
    pub(crate) fn cancel(&self, id: &str) -> io::Result<Cancellation> {
        let mut jobs = self.lock();
        let Some(job) = jobs.by_id.get_mut(id) else { return Ok(Cancellation::Unknown) };
        if job.outcome.is_some() {
            return Ok(Cancellation::TooLate);
        }
        job.stop();
        if job.is_queued() {
            job.complete(Outcome::Cancelled, 0.0);
            let done = job.clone();
            drop(jobs);
            self.save(&done)?;
        }
        Ok(Cancellation::Requested)
    }

    /// The requests that were accepted and not finished, in order.
    pub(crate) fn unfinished(&self) -> Vec<String> {
        let jobs = self.lock();
        jobs.order.iter().filter(|id| jobs.by_id[*id].outcome.is_none()).cloned().collect()
    }

    /// Asks every renderer to stop.
    pub(crate) fn stop_all(&self) {
        self.lock().by_id.values().for_each(Job::stop);
    }

    /// One charge for each accepted request, in order.
    pub(crate) fn charges(&self) -> Vec<Charge> {
        self.view_all(Charge::of)
    }

    fn save(&self, job: &Job) -> io::Result<()> {
        if !self.state.is_durable() {
            return Ok(());
        }
        let text = serde_json::to_vec_pretty(job).map_err(io::Error::other)?;
        self.state.write(&self.state.requests().join(format!("{}.json", job.id)), &text)
    }

    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs {
    fn insert(&mut self, job: Job) {
        self.order.push(job.id.clone());
        self.by_id.insert(job.id.clone(), job);
    }
}
