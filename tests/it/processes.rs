//! Processes that share the file of tasks. Each `Videogen` has its own mark there, as another process would.

use videogen::queue::Error;
use videogen::{FailureKind, TaskStatus};

use crate::stage::{Stage, settled, until, videogen};

#[tokio::test]
async fn what_one_leaves_another_brings_to_its_end() {
    let stage = Stage::set().await;
    let first = stage.videogen().await;
    let id = first.queue().submit(&stage.request(640, 360)).await.unwrap();
    until(&first, &id, |task| task.request_id.is_some()).await;
    first.close().await;

    let second = stage.videogen().await;
    let left = second.queue().get(&id).await.unwrap();
    assert_eq!((left.is_held(), left.failure.map(|failure| failure.kind)), (true, Some(FailureKind::Stopped)));
    assert_eq!(second.queue().recover().await.unwrap(), std::slice::from_ref(&id));
    assert_eq!(second.queue().recover().await.unwrap(), [], "it is at work");
    let task = settled(&second, &id).await;
    assert_eq!((task.status, task.failure), (TaskStatus::Completed, None));
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
    assert!(second.queue().abandoned_places().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_another_is_making_is_watched_and_joined_and_not_taken() {
    let stage = Stage::set().await;
    let (first, second) = (stage.videogen().await, stage.videogen().await);
    let request = stage.request(640, 360);
    let id = first.queue().submit(&request).await.unwrap();
    assert_eq!(second.queue().submit(&request).await.unwrap(), id, "whoever asks for the same is told of it");
    assert_eq!(second.queue().recover().await.unwrap(), []);
    assert!(matches!(second.queue().resume(&id).await, Err(Error::NotHeld(_))));
    assert!(matches!(second.queue().discard(&id).await, Err(Error::NotHeld(_))));
    let seen = settled(&second, &id).await;
    assert_eq!(seen.status, TaskStatus::Completed);
    assert_eq!(seen.video, settled(&first, &id).await.video);
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
    assert_eq!(second.queue().unfinished(), [], "it was never this one's");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_processes_that_ask_in_one_moment_one_pays() {
    for _ in 0..5 {
        let stage = Stage::set().await;
        let request = stage.request(64, 36);
        let mut processes = Vec::new();
        for _ in 0..6 {
            processes.push(stage.videogen().await);
        }
        let asking = processes.iter().map(|process| {
            let (queue, request) = (process.queue().clone(), request.clone());
            tokio::spawn(async move { queue.submit(&request).await.unwrap() })
        });
        let mut ids = Vec::new();
        for asked in asking.collect::<Vec<_>>() {
            ids.push(asked.await.unwrap());
        }
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        for process in &processes {
            assert_eq!(settled(process, &ids[0]).await.status, TaskStatus::Completed);
        }
        assert_eq!(stage.emulator.ledger().charges().len(), 1);
    }
}

#[tokio::test]
async fn a_task_goes_on_where_its_video_is_to_go() {
    let stage = Stage::set().await;
    let first = stage.videogen().await;
    let id = first.queue().submit(&stage.request(640, 360)).await.unwrap();
    until(&first, &id, |task| task.request_id.is_some()).await;
    first.close().await;

    let elsewhere = stage.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let second = videogen(stage.variables().into_iter().collect(), &elsewhere).await;
    assert_eq!(second.queue().recover().await.unwrap(), []);
    assert_eq!(second.queue().abandoned_places().await.unwrap(), [stage.folder.path().display().to_string()]);
    // Whoever asks for it by name has it here.
    second.queue().resume(&id).await.unwrap();
    let task = settled(&second, &id).await;
    assert!(task.video.unwrap().location.starts_with(elsewhere.to_str().unwrap()));
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

#[tokio::test]
async fn what_was_given_up_before_it_was_sent_is_not_sent_by_anybody() {
    let stage = Stage::set().await;
    let first = stage.videogen().await;
    let request = stage.request(640, 360);
    // Nothing runs on this thread before the queue is stopped.
    let id = first.queue().submit(&request).await.unwrap();
    first.close().await;
    let stopped = first.queue().get(&id).await.unwrap();
    assert_eq!((stopped.request_id, stage.emulator.ledger().charges().len()), (None, 0));

    let second = stage.videogen().await;
    second.queue().discard(&id).await.unwrap();
    assert_eq!(second.queue().get(&id).await.unwrap().status, TaskStatus::Failed);
    assert_eq!(second.queue().recover().await.unwrap(), []);
    let books = second.books().ledgers(None, videogen::domain::UnixMillis(0)).await.unwrap();
    assert_eq!(books.overall.reserved(), videogen::Usd::ZERO, "nothing stays set aside");
    assert!(matches!(second.queue().discard(&id).await, Err(Error::NotHeld(_))));
    let anew = second.queue().submit(&request).await.unwrap();
    assert_ne!(anew, id);
    assert_eq!(settled(&second, &anew).await.status, TaskStatus::Completed);
}
