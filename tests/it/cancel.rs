//! A wish to cancel in every phase, and what has truly become of it.

use std::time::Duration;

use fal_emulator::{Emulator, Fault, FaultRule, Operation, Pace};
use videogen::domain::UnixMillis;
use videogen::queue::{CancelOutcome, Error};
use videogen::{TaskStatus, Usd, Videogen};

use crate::stage::{Stage, generate, settled, until, videogen};

/// One request at a time, which takes so long.
async fn busy(seconds: u64) -> Stage {
    let emulator = Emulator::builder().pace(Pace::Fast).runners(1).inference_time(Duration::from_secs(seconds));
    let emulator = emulator.start().await.expect("the emulator starts");
    Stage { emulator, folder: tempfile::tempdir().expect("there is room") }
}

async fn money(videogen: &Videogen) -> (Usd, Usd) {
    let books = videogen.books().ledgers(None, UnixMillis(0)).await.unwrap().overall;
    (books.spent(), books.reserved())
}

#[tokio::test]
async fn before_anything_is_sent_nothing_is_and_nothing_stays_set_aside() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let request = stage.request(640, 360);
    // Nothing runs on this thread in between.
    let id = videogen.queue().submit(&request).await.unwrap();
    assert_eq!(videogen.queue().cancel(&id).await.unwrap(), CancelOutcome::Cancelled);
    let task = videogen.queue().get(&id).await.unwrap();
    assert_eq!((task.status, task.is_held(), task.video), (TaskStatus::Cancelled, false, None));
    assert_eq!(task.failure.unwrap().message, "it was cancelled before anything was sent");
    assert_eq!((stage.emulator.ledger().charges().len(), money(&videogen).await), (0, (Usd::ZERO, Usd::ZERO)));
    assert_eq!(videogen.queue().cancel(&id).await.unwrap(), CancelOutcome::Cancelled, "as it is");
    assert!(matches!(videogen.queue().resume(&id).await, Err(Error::NotHeld(_))));
    assert_eq!(generate(&videogen, &request).await.status, TaskStatus::Completed, "asked for anew");
}

#[tokio::test]
async fn what_waits_at_fal_is_dropped_there_and_costs_nothing() {
    let stage = busy(3600).await;
    let videogen = stage.videogen().await;
    let first = videogen.queue().submit(&stage.request(640, 360)).await.unwrap();
    until(&videogen, &first, |task| task.status == TaskStatus::InProgress && task.request_id.is_some()).await;
    let second = videogen.queue().submit(&stage.request(360, 640)).await.unwrap();
    until(&videogen, &second, |task| task.queue_position.is_some()).await;
    assert_eq!(videogen.queue().cancel(&second).await.unwrap(), CancelOutcome::Requested);
    let task = until(&videogen, &second, |task| task.state.is_final()).await;
    assert_eq!(
        (task.status, task.failure.unwrap().message.as_str()),
        (TaskStatus::Cancelled, "it was cancelled at fal")
    );
    assert_eq!(money(&videogen).await, (Usd::ZERO, task.estimate.upper_bound().unwrap()), "the first goes on");
    videogen.close().await;
}

/// Whether fal bills what it had begun is not documented: it counts as paid until somebody knows better.
#[tokio::test]
async fn what_is_being_worked_on_is_asked_for_and_its_end_tells() {
    let stage = busy(3600).await;
    let videogen = stage.videogen().await;
    let id = videogen.queue().submit(&stage.request(640, 360)).await.unwrap();
    until(&videogen, &id, |task| task.status == TaskStatus::InProgress && task.request_id.is_some()).await;
    assert_eq!(videogen.queue().cancel(&id).await.unwrap(), CancelOutcome::Requested);
    let task = until(&videogen, &id, |task| task.state.is_final()).await;
    assert_eq!(task.status, TaskStatus::Cancelled);
    assert_eq!(money(&videogen).await, (task.estimate.upper_bound().unwrap(), Usd::ZERO));
}

#[tokio::test]
async fn a_video_that_is_made_stays() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let task = generate(&videogen, &stage.request(640, 360)).await;
    assert_eq!(videogen.queue().cancel(&task.id).await.unwrap(), CancelOutcome::TooLate);
    let after = videogen.queue().get(&task.id).await.unwrap();
    assert_eq!((after.status, after.video, after.cancel_requested), (TaskStatus::Completed, task.video, false));
    let nobody = videogen::TaskId::from("nobody".to_owned());
    assert!(matches!(videogen.queue().cancel(&nobody).await, Err(Error::UnknownTask(_))));
}

/// The submit is under way: it is seen through, and then fal is asked.
#[tokio::test]
async fn a_submit_that_is_under_way_is_seen_through_first() {
    let stage = busy(3600).await;
    let videogen = stage.videogen().await;
    stage
        .emulator
        .faults()
        .add(FaultRule::new(Fault::SlowBody { bytes_per_second: 500 }).on(Operation::Submit).times(1));
    let id = videogen.queue().submit(&stage.request(640, 360)).await.unwrap();
    until(&videogen, &id, |task| task.state == videogen::domain::GenerationState::Submitting).await;
    assert_eq!(videogen.queue().cancel(&id).await.unwrap(), CancelOutcome::Requested);
    let task = until(&videogen, &id, |task| task.state.is_final()).await;
    assert_eq!(task.status, TaskStatus::Cancelled);
    assert!(task.request_id.is_some() && task.cancel_requested);
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

/// Another process has it, which waits for its turn: it finds the wish before it submits.
#[tokio::test]
async fn a_task_of_another_process_is_not_submitted_any_more() {
    let stage = busy(1).await;
    let mut variables = stage.variables();
    variables.push(("VIDEO_GEN_MAX_CONCURRENT_GENERATIONS", "1".to_owned()));
    let first = videogen(variables.into_iter().collect(), stage.folder.path()).await;
    let second = stage.videogen().await;
    let running = first.queue().submit(&stage.request(640, 360)).await.unwrap();
    until(&first, &running, |task| task.request_id.is_some()).await;
    let waiting = first.queue().submit(&stage.request(360, 640)).await.unwrap();
    assert_eq!(second.queue().cancel(&waiting).await.unwrap(), CancelOutcome::Requested);
    let task = until(&first, &waiting, |task| task.state.is_final()).await;
    assert_eq!((task.status, task.request_id), (TaskStatus::Cancelled, None));
    assert_eq!(settled(&first, &running).await.status, TaskStatus::Completed);
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
    assert_eq!(money(&first).await.1, Usd::ZERO, "nothing stays set aside");
}

/// The wish outlives the process in which nobody knew whether fal had accepted the request.
#[tokio::test]
async fn a_wish_is_carried_out_when_it_is_known_what_became_of_the_submit() {
    let stage = busy(3600).await;
    stage.emulator.faults().add(FaultRule::new(Fault::ReplyLost).on(Operation::Submit).times(1));
    let first = stage.videogen().await;
    let task = generate(&first, &stage.request(640, 360)).await;
    assert!(task.is_held());
    assert_eq!(first.queue().cancel(&task.id).await.unwrap(), CancelOutcome::Requested);
    first.close().await;
    let second = stage.videogen().await;
    let request_id = stage.emulator.ledger().charges()[0].request_id.clone();
    second.queue().confirm(&task.id, &request_id).await.unwrap();
    let task = until(&second, &task.id, |task| task.state.is_final()).await;
    assert_eq!((task.status, task.request_id), (TaskStatus::Cancelled, Some(request_id)));
}

/// Whoever wishes it cannot reach fal: the process that has the task hears of it, and asks.
#[tokio::test]
async fn whoever_has_the_task_asks_fal_where_nobody_else_can() {
    let stage = busy(3600).await;
    let first = stage.videogen().await;
    let id = first.queue().submit(&stage.request(640, 360)).await.unwrap();
    until(&first, &id, |task| task.status == TaskStatus::InProgress && task.request_id.is_some()).await;
    let second = stage.videogen_with_queue_at("http://127.0.0.1:9/queue").await;
    assert_eq!(second.queue().cancel(&id).await.unwrap(), CancelOutcome::Requested);
    let task = until(&second, &id, |task| task.state.is_final()).await;
    assert_eq!((task.status, task.cancel_requested), (TaskStatus::Cancelled, true));
    assert_eq!(settled(&first, &id).await, task);
}
