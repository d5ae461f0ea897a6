//! Every step, every failure, and the same request once more: one bill, and the same video.

use std::sync::Arc;

use fal_emulator::{Emulator, Fault, FaultRule, Operation, Pace};
use tokio::sync::Semaphore;
use videogen::domain::UnixMillis;
use videogen::{FailureKind, QueuedTask, TaskStatus, Usd, Videogen};

use crate::stage::{Stage, generate, videogen};

/// How many cases run at a time.
const AT_ONCE: usize = 4;

/// What is asked of fal, in order.
const STEPS: [Operation; 7] = [
    Operation::Token,
    Operation::Upload,
    Operation::Submit,
    Operation::StatusStream,
    Operation::Status,
    Operation::Result,
    Operation::Download,
];

/// What can go wrong with an exchange. Bodies that never end are bounded by time-outs, which have tests of their own.
fn failures() -> Vec<Fault> {
    let both = |fault: fn(bool) -> Fault| [false, true].map(fault);
    let mut failures = vec![
        Fault::ResetBeforeAccept,
        Fault::ReplyLost,
        Fault::RateLimited { retry_after: None },
        Fault::StartTimeout504,
        Fault::ExhaustedBalance,
        Fault::TruncatedDownload { at: Some(10) },
    ];
    failures.extend(both(|after_accept| Fault::Nginx502 { after_accept }));
    failures.extend(both(|after_accept| Fault::Nginx504 { after_accept }));
    failures.extend(both(|after_accept| Fault::GatewayJson503 { after_accept }));
    failures.extend(both(|after_accept| Fault::ServerError { after_accept }));
    failures
}

#[derive(Debug, Clone)]
struct Case {
    fault: Fault,
    step: Operation,
    times: u32,
    /// By which way a request is followed.
    watch: &'static str,
    /// Whether it is how a request ends, and not an exchange.
    is_of_request: bool,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for step in STEPS {
        let watch = if step == Operation::Status { "polls" } else { "stream" };
        for fault in failures() {
            // Once, and as often as the call is repeated.
            cases.extend([1, 3].map(|times| Case { fault: fault.clone(), step, times, watch, is_of_request: false }));
        }
    }
    let ends = [
        Fault::Failed { error_type: "internal_error".to_owned(), status: 500 },
        Fault::ContentPolicy,
        Fault::SourceExpired,
        Fault::RunnerLost { retries: 1 },
    ];
    let of_request = |fault| Case { fault, step: Operation::Submit, times: 1, watch: "stream", is_of_request: true };
    cases.extend(ends.map(of_request));
    let (fault, step) = (Fault::FileExpired, Operation::Download);
    cases.push(Case { fault, step, times: 1, watch: "stream", is_of_request: false });
    cases
}

async fn process(stage: &Stage, case: &Case) -> Videogen {
    let hasty = [
        ("VIDEO_GEN_RETRY_INITIAL_DELAY", "0.01"),
        ("VIDEO_GEN_RETRY_MAX_DELAY", "0.02"),
        ("VIDEO_GEN_WATCH_MODE", case.watch),
        ("VIDEO_GEN_WATCH_PATIENCE", "1"),
    ];
    let variables = stage.variables().into_iter().chain(hasty.map(|(name, value)| (name, value.to_owned())));
    videogen(variables.collect(), stage.folder.path()).await
}

/// What somebody does who has looked what became of a submit.
async fn find_out(stage: &Stage, videogen: &Videogen, task: &QueuedTask) {
    match stage.emulator.ledger().charges().first() {
        Some(charge) => videogen.queue().confirm(&task.id, &charge.request_id).await.unwrap(),
        None => videogen.queue().discard(&task.id).await.unwrap(),
    }
}

/// Makes a video while something fails, and asks for the same twice more when all is well. Returns what is not as it
/// should be.
async fn tried(case: &Case) -> Result<(), String> {
    let emulator = Emulator::builder().pace(Pace::Fast).rendering(false).start().await.expect("it starts");
    let stage = Stage { emulator, folder: tempfile::tempdir().expect("there is room") };
    let request = stage.request(64, 36).with_file_name("film.mp4");
    stage.emulator.faults().add(FaultRule::new(case.fault.clone()).on(case.step).times(case.times));
    let first = process(&stage, case).await;
    let told = generate(&first, &request).await;
    first.close().await;
    stage.emulator.faults().clear();

    let second = process(&stage, case).await;
    let mut task = generate(&second, &request).await;
    if task.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Unconfirmed) {
        find_out(&stage, &second, &task).await;
        task = generate(&second, &request).await;
    }
    second.close().await;
    let third = process(&stage, case).await;
    let again = generate(&third, &request).await;
    let books = third.books().ledgers(None, UnixMillis(0)).await.unwrap().overall;
    third.close().await;

    // A case in which nothing went wrong would prove nothing; what becomes of a request is not told of an exchange.
    let struck = case.is_of_request || stage.emulator.requests().iter().any(|exchange| !exchange.faults.is_empty());
    let paid = stage.emulator.ledger().charges().iter().filter(|charge| !charge.amount_usd.is_zero()).count();
    let video = std::fs::read(stage.path("film.mp4")).map(|film| film.len()).unwrap_or_default();
    let is_right = task.status == TaskStatus::Completed
        && again.status == TaskStatus::Completed
        && again.reused_request_id.is_some()
        && struck
        && paid == 1
        && video > 0
        && stage.results() == ["film.mp4", "film.mp4.json"]
        && (books.spent().to_string(), books.reserved()) == ("$0.28".to_owned(), Usd::ZERO);
    let seen = |task: &QueuedTask| (task.state, task.failure.as_ref().map(|failure| failure.message.clone()));
    match is_right {
        true => Ok(()),
        false => Err(format!(
            "{case:?}: struck {struck}, paid {paid}, {video} bytes, {:?}, {books:?}\n  first {:?}\n  second {:?}\n  third {:?}",
            stage.results(),
            seen(&told),
            seen(&task),
            seen(&again)
        )),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_and_every_failure_run_twice_is_one_bill_and_the_same_video() {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let tries = cases().into_iter().map(|case| {
        let turns = Arc::clone(&turns);
        tokio::spawn(async move {
            let _turn = turns.acquire_owned().await.expect("nobody closes it");
            tried(&case).await
        })
    });
    let mut wrong = Vec::new();
    for tried in tries.collect::<Vec<_>>() {
        wrong.extend(tried.await.expect("does not panic").err());
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}
