//! Takes requests through the queue: into line, to a runner, back where the runner is lost, to their end.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::board::Cancellation;
use crate::clip;
use crate::job::Job;
use crate::outcome::Outcome;
use crate::shared::{Shared, SharedState};
use crate::{webhook, work};

/// fal gives up on a request after so many attempts.
const MOST_ATTEMPTS: u32 = 10;

/// How an attempt ended.
enum Attempt {
    Ended(Outcome),
    RunnerLost,
}

/// Starts again what a former run accepted and did not finish.
pub(crate) fn take_up(shared: &SharedState) {
    for id in shared.board.unfinished() {
        shared.board.forget_logs(&id);
        start(shared, &id);
    }
}

/// Sets an accepted request going.
pub(crate) fn start(shared: &SharedState, id: &str) {
    let (positions, each) = shared.settings.pace.queue_positions();
    shared.board.enqueue(id, positions.first().copied());
    if positions.is_empty() {
        dispatch(shared);
    } else {
        let (waiting, id) = (Arc::clone(shared), id.to_owned());
        shared.spawn(async move {
            wait_visibly(&waiting, &id, positions, each).await;
            dispatch(&waiting);
        });
    }
    if let Some(timeout) = shared.board.view(id, |job| job.options.start_timeout).flatten() {
        let (waiting, id) = (Arc::clone(shared), id.to_owned());
        shared.spawn(async move {
            sleep(timeout).await;
            end_if(&waiting, &id, Outcome::NotStarted, |job| job.attempts == 0).await;
        });
    }
}

/// Gives waiting requests to free runners.
fn dispatch(shared: &SharedState) {
    while let Some(job) = shared.board.begin_next() {
        shared.spawn(run(Arc::clone(shared), job));
    }
}

/// Counts the shown queue position down.
async fn wait_visibly(shared: &Shared, id: &str, positions: &[usize], each: Duration) {
    for position in positions {
        shared.board.release(id, Some(*position));
        sleep(each).await;
    }
    shared.board.release(id, None);
}

async fn run(shared: SharedState, job: Job) {
    match attempt(&shared, &job).await {
        Attempt::Ended(outcome) => end(&shared, &job.id, outcome).await,
        Attempt::RunnerLost if job.options.no_retry || job.attempts >= MOST_ATTEMPTS => {
            end(&shared, &job.id, runner_lost()).await;
        }
        Attempt::RunnerLost => {
            shared.board.lose_runner(&job.id);
            dispatch(&shared);
            sleep(shared.settings.pace.backoff(job.attempts)).await;
            shared.board.enqueue(&job.id, None);
        }
    }
    dispatch(&shared);
}

/// Runs a request that was taken past the queue, at once and once, and gives the end of it.
pub(crate) async fn run_directly(shared: &SharedState, job: &Job) {
    let outcome = match attempt(shared, job).await {
        Attempt::Ended(outcome) => outcome,
        Attempt::RunnerLost => runner_lost(),
    };
    end(shared, &job.id, outcome).await;
    dispatch(shared);
}

/// Cancels a request, whose runner ends it where it has one.
pub(crate) async fn cancel(shared: &SharedState, id: &str) -> io::Result<Cancellation> {
    let (worker, own_id) = (Arc::clone(shared), id.to_owned());
    let cancelled = shared.on_disk(move || worker.board.cancel(&own_id)).await?;
    if cancelled == Cancellation::Dropped {
        webhook::announce(shared, id);
    }
    Ok(cancelled)
}

/// Cancels a direct call whose client has gone, and its runner with it.
pub(crate) async fn hang_up(shared: &SharedState, id: &str) {
    if let Ok(Cancellation::Stopping) = cancel(shared, id).await {
        end(shared, id, Outcome::Cancelled).await;
        dispatch(shared);
    }
}

/// Ends a request and tells the webhook.
async fn end(shared: &SharedState, id: &str, outcome: Outcome) {
    end_if(shared, id, outcome, |_| true).await;
}

async fn end_if(shared: &SharedState, id: &str, outcome: Outcome, wanted: fn(&Job) -> bool) {
    let (worker, own_id) = (Arc::clone(shared), id.to_owned());
    // Where the record cannot be written, the request is taken up again by the next start.
    if let Ok(true) = shared.on_disk(move || worker.board.complete_if(&own_id, outcome, wanted)).await {
        webhook::announce(shared, id);
    }
}

fn runner_lost() -> Outcome {
    let (message, error_type) = ("The runner was lost".to_owned(), "runner_disconnected".to_owned());
    Outcome::Failed { status: 503, message, error_type }
}

async fn attempt(shared: &SharedState, job: &Job) -> Attempt {
    let least = Instant::now() + shared.settings.inference_time_of(&job.id);
    let work = async {
        if job.fate.never_finishes {
            return pending().await;
        }
        if job.attempts <= job.fate.runners_lost {
            return Attempt::RunnerLost;
        }
        Attempt::Ended(match &job.fate.outcome {
            Some(outcome) => outcome.clone(),
            None => make(shared, job).await,
        })
    };
    let patiently = async {
        let attempt = work.await;
        sleep_until(least).await;
        attempt
    };
    tokio::select! {
        attempt = patiently => attempt,
        () = job.stop.cancelled() => Attempt::Ended(Outcome::Cancelled),
    }
}

/// The video, rendered or canned, or what is wrong with the input.
async fn make(shared: &SharedState, job: &Job) -> Outcome {
    let model = match work::check(job) {
        Ok(model) => model,
        Err(outcome) => return outcome,
    };
    if !shared.settings.rendering {
        return clip::instead_of_video(shared, job).await;
    }
    let Ok(_permit) = shared.renderers.acquire().await else { return Outcome::Cancelled };
    let (worker, job) = (Arc::clone(shared), job.clone());
    let rendered = tokio::task::spawn_blocking(move || work::render(&worker, &job, model)).await;
    rendered.unwrap_or_else(|_| Outcome::internal("The renderer broke off"))
}
