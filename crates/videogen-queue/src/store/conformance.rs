//! What every [`TaskStore`] has to do. Call [`check_task_store`] in a test of your own.

use std::sync::Arc;

use videogen_domain::{
    Attempt, Failure, FailureKind, GeneratedVideo, Generation, GenerationEvent, GenerationPlan, GenerationRequest,
    GenerationState, ImageInput, ModelRegistry, Recovery, RemoteRequest, UploadedImage, ValidationRules, validate,
};

use crate::{EventFilter, KeptTask, NewTask, Owner, TaskEvent, TaskFilter, TaskId, TaskStore};

/// Checks everything that one process can see; `make` makes an empty store.
///
/// # Panics
/// When the store does not conform.
pub async fn check_task_store<S: TaskStore + 'static>(make: impl Fn() -> S) {
    a_task_is_what_has_happened_to_it(&make()).await;
    what_cannot_happen_changes_nothing(&make()).await;
    a_task_that_stands_still_says_why_until_it_goes_on(&make()).await;
    a_wish_to_cancel_keeps_the_intent_to_submit_out(&make()).await;
    a_task_is_found_by_what_was_asked_for_and_by_its_request(&make()).await;
    tasks_are_listed_newest_first_and_page_by_page(&make()).await;
    everything_that_happens_is_told_in_its_order(&make()).await;
    a_key_is_taken_once(Arc::new(make())).await;
    many_at_once_lose_nothing(Arc::new(make())).await;
}

async fn a_task_is_what_has_happened_to_it(store: &impl TaskStore) {
    let id = TaskId::new();
    assert_eq!(store.load(&id).await.unwrap(), None);
    store.insert(&task(&id)).await.unwrap();
    let owner = Owner::ThisProcess;
    assert_eq!(store.load(&id).await.unwrap(), Some(KeptTask { generation: task(&id).generation, held: None, owner }));
    let mut generation = task(&id).generation;
    for event in life("r-1") {
        store.append(&id, &event).await.unwrap();
        generation.apply(event).unwrap();
        let owner = if generation.state.is_final() { Owner::Nobody } else { Owner::ThisProcess };
        let kept = KeptTask { generation: generation.clone(), held: None, owner };
        assert_eq!(store.load(&id).await.unwrap(), Some(kept));
    }
    assert_eq!(generation.state, GenerationState::Failed);
}

async fn what_cannot_happen_changes_nothing(store: &impl TaskStore) {
    let id = TaskId::new();
    let settled = GenerationEvent::Settled { billed: None, deviation: None };
    assert!(store.append(&id, &settled).await.is_err(), "there is no such task");
    assert!(store.hold(&id, &failure("lost")).await.is_err(), "there is no such task");
    assert_eq!(store.claim(&id, "/films").await.unwrap(), None);
    store.insert(&task(&id)).await.unwrap();
    let before = store.load(&id).await.unwrap();
    assert!(store.insert(&task(&id)).await.is_err(), "a name is given once");
    assert!(store.append(&id, &settled).await.is_err(), "it is not stored yet");
    assert_eq!(store.load(&id).await.unwrap(), before);
    store.append(&id, &GenerationEvent::Failed(failure("broken"))).await.unwrap();
    assert!(store.append(&id, &GenerationEvent::Failed(failure("again"))).await.is_err(), "it has ended");
    assert_eq!(store.claim(&id, "/films").await.unwrap(), None, "it has ended");
    assert_eq!(store.load(&id).await.unwrap().unwrap().generation.failure, Some(failure("broken")));
}

async fn a_task_that_stands_still_says_why_until_it_goes_on(store: &impl TaskStore) {
    let id = TaskId::new();
    store.insert(&task(&id)).await.unwrap();
    let held = || async { store.load(&id).await.unwrap().unwrap().held };
    store.hold(&id, &failure("the disk is full")).await.unwrap();
    assert_eq!(held().await, Some(failure("the disk is full")));
    let [uploaded, ..] = life("r-1");
    store.append(&id, &uploaded).await.unwrap();
    assert_eq!(held().await, None, "it went on");
    store.hold(&id, &failure("stopped")).await.unwrap();
    let claimed = store.claim(&id, "/films").await.unwrap().expect("it is this process's own");
    assert_eq!((claimed.state, held().await), (GenerationState::Ready, None));
    assert_eq!(store.abandoned().await.unwrap(), [], "this process lives");
}

async fn a_wish_to_cancel_keeps_the_intent_to_submit_out(store: &impl TaskStore) {
    let (id, other) = (TaskId::new(), TaskId::new());
    for id in [&id, &other] {
        store.insert(&task(id)).await.unwrap();
    }
    store.hold(&id, &failure("stopped")).await.unwrap();
    let [uploaded, intended, ..] = life("r-1");
    store.append(&id, &GenerationEvent::CancelRequested).await.unwrap();
    let kept = store.load(&id).await.unwrap().unwrap();
    assert!(kept.generation.cancel_requested && kept.held.is_some(), "it stands still as before");
    store.append(&id, &uploaded).await.unwrap();
    let refused = store.append(&id, &intended).await.unwrap_err();
    assert!(refused.is_cancel_requested(), "{refused}");
    store.append(&id, &GenerationEvent::Cancelled(failure("cancelled"))).await.unwrap();
    let kept = store.load(&id).await.unwrap().unwrap();
    assert_eq!((kept.generation.state, kept.owner), (GenerationState::Cancelled, Owner::Nobody));
    assert!(store.append(&id, &GenerationEvent::CancelRequested).await.is_err(), "it has ended");
    store.append(&other, &uploaded).await.unwrap();
    store.append(&other, &intended).await.unwrap();
}

async fn a_task_is_found_by_what_was_asked_for_and_by_its_request(store: &impl TaskStore) {
    let (one, other, third) = (TaskId::new(), TaskId::new(), TaskId::new());
    let same = |id, seen: &[TaskId]| NewTask { fingerprint: Some("f".to_owned()), seen: seen.to_vec(), ..task(id) };
    assert!(store.insert(&same(&one, &[])).await.unwrap());
    assert!(!store.insert(&same(&other, &[])).await.unwrap(), "the first was not seen");
    assert_eq!(store.load(&other).await.unwrap(), None);
    assert!(store.insert(&same(&other, std::slice::from_ref(&one))).await.unwrap());
    store.insert(&task(&third)).await.unwrap();
    assert_eq!(store.unfinished_of("f").await.unwrap(), [one.clone(), other.clone()], "the oldest first");
    assert_eq!(store.unfinished_of("g").await.unwrap(), []);
    let [uploaded, intended, submitted, ..] = life("r-1");
    for event in [uploaded, intended, submitted] {
        assert_eq!(store.of_request("r-1").await.unwrap(), None);
        store.append(&one, &event).await.unwrap();
    }
    assert_eq!(store.of_request("r-1").await.unwrap(), Some(one.clone()));
    store.append(&one, &GenerationEvent::Failed(failure("broken"))).await.unwrap();
    assert_eq!(store.unfinished_of("f").await.unwrap(), [other], "what has ended is made anew");
    assert_eq!(store.of_request("r-1").await.unwrap(), Some(one));
}

async fn tasks_are_listed_newest_first_and_page_by_page(store: &impl TaskStore) {
    let ids: Vec<TaskId> = (0..5).map(|_| TaskId::new()).collect();
    for id in &ids {
        store.insert(&task(id)).await.unwrap();
    }
    store.append(&ids[1], &GenerationEvent::Failed(failure("broken"))).await.unwrap();
    let listed = |filter: TaskFilter| async move {
        store.list(&filter).await.unwrap().into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    let newest_first: Vec<_> = ids.iter().rev().cloned().collect();
    assert_eq!(listed(TaskFilter::default()).await, newest_first);
    let page = listed(TaskFilter::default().at_most(2)).await;
    assert_eq!(page, newest_first[..2]);
    assert_eq!(listed(TaskFilter::default().before(page.last().cloned()).at_most(9)).await, newest_first[2..]);
    let unfinished = listed(TaskFilter::default().unfinished()).await;
    assert_eq!(unfinished, [&ids[4], &ids[3], &ids[2], &ids[0]].map(TaskId::clone));
    assert_eq!(listed(TaskFilter::default().of_project(Some("film".into()))).await, []);
    let (_, kept) = store.list(&TaskFilter::default().at_most(1)).await.unwrap().remove(0);
    assert_eq!(Some(kept), store.load(&ids[4]).await.unwrap(), "a task in a list is the task");
}

async fn a_key_is_taken_once(store: Arc<impl TaskStore + 'static>) {
    let keyed = |key: &str| {
        let mut task = task(&TaskId::new());
        task.generation.plan = Some(plan_with_key(key));
        task
    };
    assert_eq!(store.of_key("k").await.unwrap(), None);
    let asking = (0..8).map(|_| {
        let (store, task) = (Arc::clone(&store), keyed("k"));
        tokio::spawn(async move { store.insert(&task).await.unwrap().then_some(task.id) })
    });
    let mut kept = Vec::new();
    for asked in asking.collect::<Vec<_>>() {
        kept.extend(asked.await.unwrap());
    }
    assert_eq!(kept.len(), 1, "one is first");
    assert_eq!(store.of_key("k").await.unwrap().as_ref(), kept.first());
    store.append(&kept[0], &GenerationEvent::Failed(failure("broken"))).await.unwrap();
    assert!(!store.insert(&keyed("k")).await.unwrap(), "it is taken for ever");
    assert!(store.insert(&keyed("l")).await.unwrap());
}

fn plan_with_key(key: &str) -> GenerationPlan {
    let image = ImageInput::Url("https://host/still.png".to_owned());
    let request = GenerationRequest::new(image, "slow zoom in on the lighthouse").with_idempotency_key(key);
    let (models, rules) = (ModelRegistry::builtin(), ValidationRules::default());
    validate(&request, &models, &rules, Ok(None)).expect("it has no mistakes")
}

async fn everything_that_happens_is_told_in_its_order(store: &impl TaskStore) {
    let (one, other) = (TaskId::new(), TaskId::new());
    assert_eq!(store.last_event().await.unwrap(), 0);
    store.insert(&task(&one)).await.unwrap();
    store.insert(&task(&other)).await.unwrap();
    let [uploaded, ..] = life("r-1");
    store.append(&one, &uploaded).await.unwrap();
    store.hold(&one, &failure("the disk is full")).await.unwrap();
    store.claim(&one, "/films").await.unwrap();
    let told = |after: u64, filter: EventFilter| async move {
        let told = store.events(after, &filter).await.unwrap();
        told.into_iter().map(|event| (event.seq, event.task_id, event.event)).collect::<Vec<_>>()
    };
    let all = told(0, EventFilter::default()).await;
    let (held, begun) = (GenerationEvent::Held(failure("the disk is full")), GenerationEvent::Begun);
    let expected = [
        (one.clone(), begun.clone()),
        (other.clone(), begun),
        (one.clone(), uploaded),
        (one.clone(), held),
        (one.clone(), GenerationEvent::WentOn),
    ];
    assert!(all.iter().map(|(_, id, event)| (id.clone(), event.clone())).eq(expected));
    assert!(all.is_sorted_by(|before, after| before.0 < after.0));
    assert_eq!(told(all[1].0, EventFilter::default()).await, all[2..], "whoever was cut off goes on");
    assert_eq!(told(0, EventFilter::default().at_most(2)).await, all[..2]);
    assert_eq!(told(0, EventFilter::default().of_task(Some(other))).await, all[1..2]);
    assert_eq!(told(0, EventFilter::default().of_project(Some("film".into()))).await, []);
    assert_eq!(told(0, EventFilter::default().named(Some("held"))).await, all[3..4]);
    assert_eq!(store.last_event().await.unwrap(), all[4].0);
    assert_eq!(told(all[4].0, EventFilter::default()).await, []);
    let kept = store.load(&one).await.unwrap().unwrap();
    assert_eq!((kept.generation.state, kept.held), (GenerationState::Ready, None), "they change nothing of the task");
}

async fn many_at_once_lose_nothing(store: Arc<impl TaskStore + 'static>) {
    let writers = (0..64).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let id = TaskId::new();
            store.insert(&task(&id)).await.unwrap();
            for event in life(&format!("r-{number}")) {
                // In between what cannot be, which takes nothing of the others back.
                assert!(store.insert(&task(&id)).await.is_err());
                store.append(&id, &event).await.unwrap();
            }
            (id, number)
        })
    });
    // Whoever reads meanwhile sees everything once, in its order, and nothing that was written before what it has seen.
    let reader = Arc::clone(&store);
    let told = tokio::spawn(async move {
        let (filter, mut told) = (EventFilter::default().at_most(7), Vec::new());
        while told.len() < 64 * (life("r").len() + 1) {
            let after = told.last().map_or(0, |event: &TaskEvent| event.seq);
            match reader.events(after, &filter).await.unwrap() {
                news if news.is_empty() => reader.news().await,
                news => told.extend(news),
            }
        }
        told
    });
    let writers: Vec<_> = writers.collect();
    let told = told.await.unwrap();
    assert!(told.is_sorted_by(|one, next| one.seq < next.seq));
    assert_eq!(store.last_event().await.unwrap(), told.last().unwrap().seq);
    for writer in writers {
        let (id, number) = writer.await.unwrap();
        let of_task = told.iter().filter(|event| event.task_id == id).map(|event| event.event.clone());
        let lived = life(&format!("r-{number}"));
        assert!(of_task.eq(std::iter::once(GenerationEvent::Begun).chain(lived)));
        let kept = store.load(&id).await.unwrap().unwrap().generation;
        let mut expected = task(&id).generation;
        life(&format!("r-{number}")).into_iter().for_each(|event| expected.apply(event).unwrap());
        assert_eq!(kept, expected);
    }
}

fn task(id: &TaskId) -> NewTask {
    let remote = remote("unused");
    // Plans are made by `validate` alone; a life begins with one that falls back to nothing.
    let mut generation = Generation::adopt("kling_2.1", "fal-ai/kling-video", remote);
    generation.remote = None;
    generation.state = GenerationState::Planned;
    NewTask { id: id.clone(), generation, fingerprint: None, seen: Vec::new(), place: "/films".to_owned() }
}

fn remote(request_id: &str) -> RemoteRequest {
    RemoteRequest {
        request_id: request_id.to_owned(),
        status_url: "https://queue.fal.run/status".to_owned(),
        response_url: "https://queue.fal.run/response".to_owned(),
        cancel_url: "https://queue.fal.run/cancel".to_owned(),
    }
}

/// What happens to a task, to its end.
fn life(request_id: &str) -> [GenerationEvent; 5] {
    let image = UploadedImage { url: "https://cdn/a.png".to_owned(), content_hash: None, cached: false };
    let attempt = Attempt { attempt_id: "a".to_owned(), body_hash: String::new(), booking_id: None };
    let video = GeneratedVideo { url: "https://cdn/v.mp4".to_owned(), bytes: None, billable_units: None };
    [
        GenerationEvent::ImagesUploaded { image, end_image: None, fingerprint: None },
        GenerationEvent::SubmitIntended(attempt),
        GenerationEvent::Submitted(remote(request_id)),
        GenerationEvent::ResultReceived(video),
        GenerationEvent::Failed(failure("the video is lost")),
    ]
}

fn failure(message: &str) -> Failure {
    Failure::new(FailureKind::Storage, Recovery::Never, message, "Look at it.")
}
