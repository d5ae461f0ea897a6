//! Tasks from submit to end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;
use videogen_domain::{FailureKind, GenerationState};
use videogen_queue::{Error, MemoryTaskStore, QueueConfig, TaskId, TaskStatus};

use crate::scripted_fal::{ScriptedFal, Stage, request};

#[tokio::test(start_paused = true)]
async fn a_task_is_submitted_watched_and_completed() {
    let fal = ScriptedFal::slow();
    let stage = Stage::set(&fal);
    let id = stage.queue.submit(&request()).await.unwrap();
    let mut watch = stage.queue.watch(&id).await.unwrap();
    let mut task = watch.now();
    assert_eq!(
        (task.status, task.state, task.estimate.to_string()),
        (TaskStatus::Queued, GenerationState::Planned, "$0.28".into())
    );

    while task.queue_position.is_none() {
        task = watch.changed().await.unwrap();
    }
    assert_eq!(
        (task.status, task.queue_position, task.request_id.as_deref()),
        (TaskStatus::Queued, Some(3), Some("request-0"))
    );

    fal.is_done.store(true, Ordering::SeqCst);
    let task = stage.queue.wait(&id, None).await.unwrap();
    assert_eq!(
        (task.status, task.failure.clone(), task.billed),
        (TaskStatus::Completed, None, Some("0.28".parse().unwrap()))
    );
    assert_eq!(stage.videos(), 1);
    assert_eq!(stage.queue.get(&id).await.unwrap(), task, "an ended task is read from the store");
    assert_eq!(stage.queue.wait(&id, None).await.unwrap(), task, "waiting again returns at once");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_ends_early_leaves_the_task_running() {
    let fal = ScriptedFal::slow();
    let stage = Stage::set(&fal);
    let id = stage.queue.submit(&request()).await.unwrap();
    let late = stage.queue.wait(&id, Some(Duration::from_secs(300))).await.unwrap_err();
    assert_eq!(late.to_string(), format!("the task {id} is still running after 300 s; it goes on"));
    fal.is_done.store(true, Ordering::SeqCst);
    assert_eq!(stage.queue.wait(&id, None).await.unwrap().status, TaskStatus::Completed);
    assert_eq!(fal.submits(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_more_tasks_run_at_a_time_than_allowed() {
    let fal = ScriptedFal::slow();
    let config = QueueConfig::default().with_max_concurrent_generations(2);
    let stage = Stage::with(&fal, Arc::new(MemoryTaskStore::default()), config);
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(stage.queue.submit(&request()).await.unwrap());
    }
    assert!(stage.queue.wait(&ids[0], Some(Duration::from_secs(60))).await.is_err(), "nothing is done yet");
    assert_eq!(fal.submits(), 2);
    fal.is_done.store(true, Ordering::SeqCst);
    for id in &ids {
        assert_eq!(stage.queue.wait(id, None).await.unwrap().status, TaskStatus::Completed);
    }
    assert_eq!((fal.submits(), stage.videos()), (5, 5));
}

#[tokio::test]
async fn a_request_with_mistakes_makes_no_task() {
    let fal = ScriptedFal::willing();
    let stage = Stage::set(&fal);
    let error = stage.queue.submit(&request().with_duration_seconds(7)).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
    let error = stage.queue.adopt("no_such_model", "r", None).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    let unknown = TaskId::from("unknown".to_owned());
    assert!(matches!(stage.queue.get(&unknown).await, Err(Error::UnknownTask(_))));
    assert!(matches!(stage.queue.wait(&unknown, None).await, Err(Error::UnknownTask(_))));
    assert_eq!(fal.submits(), 0);
}

/// Of so many nobody would know what became of them if the process died now.
#[tokio::test(start_paused = true)]
async fn submits_are_limited_apart_from_what_is_in_flight() {
    let fal = ScriptedFal::hesitant();
    let config = QueueConfig::default().with_max_concurrent_generations(10);
    let stage = Stage::with(&fal, Arc::new(MemoryTaskStore::default()), config);
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(stage.queue.submit(&request()).await.unwrap());
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(fal.submits(), 4);
    fal.answers.add_permits(2);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(fal.submits(), 6, "each answer lets one more be sent");

    // Those that wait for their turn to submit are not sent any more.
    fal.answers.add_permits(100);
    stage.queue.stop().await;
    assert_eq!(fal.submits(), 6);
    let mut unsent = 0;
    for id in ids {
        let task = stage.queue.get(&id).await.unwrap();
        let failure = task.failure.expect("it was stopped");
        assert_eq!(failure.kind, FailureKind::Stopped);
        unsent += usize::from(failure.message == "stopped before anything was sent");
    }
    assert_eq!(unsent, 4);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_more_urgent_is_begun_first() {
    let fal = ScriptedFal::hesitant();
    let config = QueueConfig::default().with_max_concurrent_generations(1);
    let stage = Stage::with(&fal, Arc::new(MemoryTaskStore::default()), config);
    let mut ids = Vec::new();
    for priority in [0, 0, -1, 7] {
        ids.push(stage.queue.submit(&request().with_priority(priority)).await.unwrap());
        sleep(Duration::from_secs(1)).await;
    }
    let mut order = Vec::new();
    for _ in 0..4 {
        fal.answers.add_permits(1);
        sleep(Duration::from_secs(10)).await;
        for (index, id) in ids.iter().enumerate() {
            let is_done = stage.queue.get(id).await.unwrap().status == TaskStatus::Completed;
            if is_done && !order.contains(&index) {
                order.push(index);
            }
        }
    }
    assert_eq!(order, [0, 3, 1, 2]);
}
