//! How long inputs and outputs are kept: 30 days after the end, as on fal, so that a state folder does not grow for ever.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::job::Job;
use crate::shared::SharedState;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Whether this was kept for as long as fal keeps it.
pub(crate) fn is_over(job: &Job, clock: &Clock) -> bool {
    job.ended_at.is_some_and(|ended| clock.has_passed(LIFE, ended))
}

/// Forgets what is over now, and again on each day on which requests come or end, until the emulator stops.
///
/// There is no timer, which would drive a paused clock on: where nothing happens, nothing grows.
pub(crate) fn keep_forgetting(shared: &SharedState) {
    let worker = Arc::clone(shared);
    shared.spawn(async move {
        let mut moved = worker.board.watch_line();
        loop {
            let begun = worker.clock.now();
            forget(&worker).await;
            while !worker.clock.has_passed(DAY, begun) {
                if moved.changed().await.is_err() {
                    return;
                }
            }
        }
    });
}

async fn forget(shared: &SharedState) {
    let over = shared.board.view_all(|job| (!job.forgotten && is_over(job, &shared.clock)).then(|| job.id.clone()));
    for id in over.into_iter().flatten() {
        let worker = Arc::clone(shared);
        // What could not be written is tried again by the next start.
        let _ = shared.on_disk(move || worker.board.forget(&id)).await;
    }
}
