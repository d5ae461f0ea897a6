//! What stands still, what goes on, and what is never sent twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use videogen_domain::{Failure, FailureKind, Generation, GenerationEvent, GenerationState};
use videogen_queue::{
    Error, EventFilter, KeptTask, MemoryTaskStore, NewTask, QueueConfig, StoreError, TaskEvent, TaskFilter, TaskId,
    TaskStatus, TaskStore,
};

use crate::scripted_fal::{ScriptedFal, Stage, an_error, request};

#[tokio::test(start_paused = true)]
async fn a_task_that_stands_still_goes_on_when_told_and_is_not_sent_again() {
    let fal = ScriptedFal::willing();
    fal.watch_failures.lock().unwrap().push(an_error());
    let stage = Stage::set(&fal);
    let id = stage.queue.submit(&request()).await.unwrap();
    let held = stage.queue.wait(&id, None).await.unwrap();
    assert!(held.is_held() && held.request_id.is_some(), "{held:?}");
    assert_eq!(stage.queue.get(&id).await.unwrap(), held, "the reason stays");

    stage.queue.resume(&id).await.unwrap();
    let done = stage.queue.wait(&id, None).await.unwrap();
    assert_eq!((done.status, done.failure), (TaskStatus::Completed, None));
    assert_eq!(fal.submits(), 1);
    assert!(matches!(stage.queue.resume(&id).await, Err(Error::NotHeld(_))), "it has ended");
}

#[tokio::test(start_paused = true)]
async fn a_running_task_is_not_started_a_second_time() {
    let fal = ScriptedFal::hesitant();
    let stage = Stage::set(&fal);
    let id = stage.queue.submit(&request()).await.unwrap();
    assert!(matches!(stage.queue.resume(&id).await, Err(Error::NotHeld(_))));
    fal.answers.add_permits(9);
    stage.queue.wait(&id, None).await.unwrap();
    assert_eq!(fal.submits(), 1);
}

#[tokio::test(start_paused = true)]
async fn of_many_who_let_a_task_go_on_one_does() {
    let fal = ScriptedFal::willing();
    let store =
        FullStore { store: MemoryTaskStore::default(), from: "submit_intended", is_full: AtomicBool::new(true) };
    let store = Arc::new(store);
    let stage = Stage::with(&fal, Arc::clone(&store) as Arc<dyn TaskStore>, QueueConfig::default());
    let id = stage.queue.submit(&request()).await.unwrap();
    stage.queue.wait(&id, None).await.unwrap();
    store.is_full.store(false, Ordering::SeqCst);
    let (one, another, third) = tokio::join!(stage.queue.resume(&id), stage.queue.resume(&id), stage.queue.resume(&id));
    assert_eq!([one, another, third].iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(stage.queue.wait(&id, None).await.unwrap().status, TaskStatus::Completed);
    assert_eq!(fal.submits(), 1);
}

#[tokio::test(start_paused = true)]
async fn stopping_sees_a_submit_through_and_keeps_its_request_id() {
    let fal = ScriptedFal::hesitant();
    let stage = Stage::set(&fal);
    let id = stage.queue.submit(&request()).await.unwrap();
    let mut watch = stage.queue.watch(&id).await.unwrap();
    while watch.now().state != GenerationState::Submitting || fal.submits() == 0 {
        tokio::select! { _ = watch.changed() => {}, () = tokio::task::yield_now() => {} }
    }
    let stopping = tokio::spawn({
        let queue = stage.queue.clone();
        async move { queue.stop().await }
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!stopping.is_finished(), "the answer is waited for");
    fal.answers.add_permits(1);
    stopping.await.unwrap();

    let task = stage.queue.get(&id).await.unwrap();
    assert_eq!((task.state, task.request_id.as_deref()), (GenerationState::Submitted, Some("request-0")));
    assert_eq!(task.failure.map(|failure| failure.kind), Some(FailureKind::Stopped));
}

#[tokio::test(start_paused = true)]
async fn a_stopped_queue_sends_nothing_more() {
    let fal = ScriptedFal::willing();
    let stage = Stage::set(&fal);
    let before = stage.queue.submit(&request()).await.unwrap();
    stage.queue.stop().await;
    assert!(stage.queue.get(&before).await.unwrap().is_settled());
    let sent = fal.submits();
    let refused = [
        stage.queue.submit(&request()).await.map(drop),
        stage.queue.adopt("kling_2.1", "request-1", None).await.map(drop),
        stage.queue.resume(&before).await,
    ];
    assert!(refused.iter().all(|refused| matches!(refused, Err(Error::Stopped))), "{refused:?}");
    stage.queue.stop().await;
    assert_eq!((stage.queue.unfinished().len(), fal.submits()), (1, sent));
}

/// A store that cannot write while `is_full`, from the event of that name on.
#[derive(Debug)]
struct FullStore {
    store: MemoryTaskStore,
    from: &'static str,
    is_full: AtomicBool,
}

#[async_trait::async_trait]
impl TaskStore for FullStore {
    async fn insert(&self, task: &NewTask) -> Result<bool, StoreError> {
        self.store.insert(task).await
    }

    async fn append(&self, id: &TaskId, event: &GenerationEvent) -> Result<(), StoreError> {
        if event.name() == self.from && self.is_full.load(Ordering::SeqCst) {
            return Err(StoreError::new("the disk is full"));
        }
        self.store.append(id, event).await
    }

    async fn hold(&self, id: &TaskId, failure: &Failure) -> Result<(), StoreError> {
        self.store.hold(id, failure).await
    }

    async fn load(&self, id: &TaskId) -> Result<Option<KeptTask>, StoreError> {
        self.store.load(id).await
    }

    async fn list(&self, filter: &TaskFilter) -> Result<Vec<(TaskId, KeptTask)>, StoreError> {
        self.store.list(filter).await
    }

    async fn claim(&self, id: &TaskId, place: &str) -> Result<Option<Generation>, StoreError> {
        self.store.claim(id, place).await
    }

    async fn release(&self, id: &TaskId) -> Result<(), StoreError> {
        self.store.release(id).await
    }

    async fn abandoned(&self) -> Result<Vec<(TaskId, String)>, StoreError> {
        self.store.abandoned().await
    }

    async fn unfinished_of(&self, fingerprint: &str) -> Result<Vec<TaskId>, StoreError> {
        self.store.unfinished_of(fingerprint).await
    }

    async fn of_request(&self, request_id: &str) -> Result<Option<TaskId>, StoreError> {
        self.store.of_request(request_id).await
    }

    async fn of_key(&self, key: &str) -> Result<Option<TaskId>, StoreError> {
        self.store.of_key(key).await
    }

    async fn events(&self, after: u64, filter: &EventFilter) -> Result<Vec<TaskEvent>, StoreError> {
        self.store.events(after, filter).await
    }

    async fn last_event(&self) -> Result<u64, StoreError> {
        self.store.last_event().await
    }

    async fn news(&self) {
        self.store.news().await
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_that_cannot_be_recorded_first() {
    let fal = ScriptedFal::willing();
    let store =
        FullStore { store: MemoryTaskStore::default(), from: "submit_intended", is_full: AtomicBool::new(true) };
    let store = Arc::new(store);
    let stage = Stage::with(&fal, Arc::clone(&store) as Arc<dyn TaskStore>, QueueConfig::default());
    let id = stage.queue.submit(&request()).await.unwrap();
    let held = stage.queue.wait(&id, None).await.unwrap();
    let failure = held.failure.unwrap();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (FailureKind::Record, "the task store failed: the disk is full")
    );
    assert_eq!(fal.submits(), 0);

    store.is_full.store(false, Ordering::SeqCst);
    stage.queue.resume(&id).await.unwrap();
    assert_eq!(stage.queue.wait(&id, None).await.unwrap().status, TaskStatus::Completed);
    assert_eq!(fal.submits(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_recorded_is_told_and_never_asked_for_again() {
    let fal = ScriptedFal::willing();
    let store = FullStore { store: MemoryTaskStore::default(), from: "submitted", is_full: AtomicBool::new(true) };
    let store = Arc::new(store);
    let stage = Stage::with(&fal, Arc::clone(&store) as Arc<dyn TaskStore>, QueueConfig::default());
    let id = stage.queue.submit(&request()).await.unwrap();
    let held = stage.queue.wait(&id, None).await.unwrap();
    assert_eq!(held.request_id.as_deref(), Some("request-0"), "the id is worth money and is told");
    assert_eq!(held.failure.map(|failure| failure.kind), Some(FailureKind::Record));

    // The store knows of the intent only, and this process of the answer.
    assert_eq!(store.load(&id).await.unwrap().unwrap().generation.state, GenerationState::Submitting);
    store.is_full.store(false, Ordering::SeqCst);
    stage.queue.resume(&id).await.unwrap();
    assert_eq!(stage.queue.wait(&id, None).await.unwrap().status, TaskStatus::Completed);
    assert_eq!(fal.submits(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_as_soon_as_there_is_room() {
    let fal = ScriptedFal::willing();
    let store = FullStore { store: MemoryTaskStore::default(), from: "submitted", is_full: AtomicBool::new(true) };
    let store = Arc::new(store);
    let stage = Stage::with(&fal, Arc::clone(&store) as Arc<dyn TaskStore>, QueueConfig::default());
    let id = stage.queue.submit(&request()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    store.is_full.store(false, Ordering::SeqCst);
    assert_eq!(stage.queue.wait(&id, None).await.unwrap().status, TaskStatus::Completed);
    assert_eq!(fal.submits(), 1);
}

/// The disk is full for a while: nobody has to come back for what stood still meanwhile.
#[tokio::test(start_paused = true)]
async fn what_stands_still_goes_on_when_its_reason_has_ended() {
    let fal = ScriptedFal::willing();
    let store =
        FullStore { store: MemoryTaskStore::default(), from: "submit_intended", is_full: AtomicBool::new(true) };
    let store = Arc::new(store);
    let stage = Stage::with(&fal, Arc::clone(&store) as Arc<dyn TaskStore>, QueueConfig::default());
    stage.queue.tend(Duration::from_secs(10));
    let id = stage.queue.submit(&request()).await.unwrap();
    assert!(stage.queue.wait(&id, None).await.unwrap().is_held());
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert!(stage.queue.get(&id).await.unwrap().is_held());
    // In an hour 10, 20, 40, … seconds apart, and then every 10 minutes.
    let held = store.events(0, &EventFilter::default()).await.unwrap();
    let held = held.iter().filter(|event| event.event.name() == "held").count();
    assert!((8..=14).contains(&held), "{held}");
    store.is_full.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(700)).await;
    assert_eq!(stage.queue.get(&id).await.unwrap().status, TaskStatus::Completed);
    assert_eq!(fal.submits(), 1);
}
