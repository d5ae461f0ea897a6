//! What is special about tasks in PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use postgres_cluster::Cluster;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use videogen_domain::{
    Attempt, Failure, FailureKind, Generation, GenerationEvent, GenerationState, Recovery, RemoteRequest,
};

use super::PostgresTaskStore;
use crate::{NewTask, Owner, StoreError, TaskFilter, TaskId, TaskStore};

fn task() -> NewTask {
    let remote = remote(&uuid::Uuid::now_v7().to_string());
    let generation = Generation::adopt("kling_2.1", "fal-ai/kling-video", remote);
    NewTask { id: TaskId::new(), generation, fingerprint: None, seen: Vec::new(), place: "/films".to_owned() }
}

/// A task of which nothing was sent.
fn planned() -> NewTask {
    let mut task = task();
    task.generation.remote = None;
    task.generation.state = GenerationState::Planned;
    task
}

fn remote(request_id: &str) -> RemoteRequest {
    RemoteRequest {
        request_id: request_id.to_owned(),
        status_url: String::new(),
        response_url: String::new(),
        cancel_url: String::new(),
    }
}

fn uploaded() -> GenerationEvent {
    let image =
        videogen_domain::UploadedImage { url: "https://cdn/a.png".to_owned(), content_hash: None, cached: false };
    GenerationEvent::ImagesUploaded { image, end_image: None, fingerprint: None }
}

fn intended() -> GenerationEvent {
    let attempt = Attempt { attempt_id: "a".to_owned(), body_hash: String::new(), booking_id: None };
    GenerationEvent::SubmitIntended(attempt)
}

fn received() -> GenerationEvent {
    let url = "https://cdn/v.mp4".to_owned();
    GenerationEvent::ResultReceived(videogen_domain::GeneratedVideo { url, bytes: None, billable_units: None })
}

fn failed() -> GenerationEvent {
    GenerationEvent::Failed(Failure::new(FailureKind::NotFound, Recovery::Never, "fal has forgotten it", "Look."))
}

async fn store() -> PostgresTaskStore {
    PostgresTaskStore::at(&Cluster::shared().new_database().await).unwrap()
}

/// As whoever finds that its lease has expired.
async fn take_for_dead(store: &PostgresTaskStore) {
    let name = store.opened().await.unwrap().lease.name();
    let (reader, _) = store.reader().await.unwrap();
    assert_eq!(reader.execute("DELETE FROM videogen.workers WHERE id = $1", &[&&*name]).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_in_postgres_conform() {
    let mut urls = Vec::new();
    for _ in 0..12 {
        urls.push(Cluster::shared().new_database().await);
    }
    let number = AtomicUsize::new(0);
    let make = || PostgresTaskStore::at(&urls[number.fetch_add(1, Ordering::Relaxed)]).unwrap();
    crate::conformance::check_task_store(make).await;
}

/// Two stores are two processes: each has a lease of its own.
#[tokio::test]
async fn a_task_belongs_to_one_process_and_after_its_death_to_whoever_takes_it() {
    let url = Cluster::shared().new_database().await;
    let [first, second, third] = [(); 3].map(|()| PostgresTaskStore::at(&url).unwrap());
    let task = task();
    first.insert(&task).await.unwrap();
    assert_eq!(second.load(&task.id).await.unwrap().unwrap().owner, Owner::OtherProcess);
    assert_eq!(second.abandoned().await.unwrap(), []);
    assert_eq!(second.claim(&task.id, "/films").await.unwrap(), None, "its process lives");
    let refused = second.append(&task.id, &received()).await.unwrap_err();
    assert_eq!(refused.to_string(), format!("the task {} is another process's", task.id));
    second.append(&task.id, &GenerationEvent::CancelRequested).await.unwrap();
    assert!(first.load(&task.id).await.unwrap().unwrap().generation.cancel_requested, "everybody may wish that");

    first.release(&task.id).await.unwrap();
    assert!(first.append(&task.id, &received()).await.is_err(), "it was given up");
    first.claim(&task.id, "/films").await.unwrap().expect("nobody has taken it");
    second.release(&task.id).await.unwrap();
    assert_eq!(second.abandoned().await.unwrap(), [], "it is not the second's to give up");

    take_for_dead(&first).await;
    assert_eq!(second.load(&task.id).await.unwrap().unwrap().owner, Owner::Nobody);
    assert_eq!(second.abandoned().await.unwrap(), [(task.id.clone(), "/films".to_owned())]);
    let (one, other) = tokio::join!(second.claim(&task.id, "/films"), third.claim(&task.id, "/films"));
    let taken = [one.unwrap(), other.unwrap()];
    assert_eq!(taken.iter().flatten().count(), 1, "of two who find out that it is free, one has it");
    let (winner, loser) = if taken[0].is_some() { (&second, &third) } else { (&third, &second) };
    assert!(first.append(&task.id, &received()).await.is_err(), "a paused process that goes on is kept out");
    assert!(first.hold(&task.id, &Failure::new(FailureKind::Stopped, Recovery::Later, "x", "y")).await.is_err());
    winner.append(&task.id, &received()).await.unwrap();
    assert!(loser.append(&task.id, &received()).await.is_err());
    assert_eq!(loser.load(&task.id).await.unwrap().unwrap().generation.state, GenerationState::Generated);
}

#[tokio::test]
async fn a_store_that_is_dropped_gives_its_tasks_up_at_once() {
    let url = Cluster::shared().new_database().await;
    let (first, second) = (PostgresTaskStore::at(&url).unwrap(), PostgresTaskStore::at(&url).unwrap());
    let task = task();
    first.insert(&task).await.unwrap();
    second.abandoned().await.unwrap();
    drop(first);
    while second.abandoned().await.unwrap().is_empty() {
        second.news().await;
    }
}

/// The process is not stopped but frozen: its runtime runs no more, and nothing of it is dropped.
#[tokio::test]
async fn whoever_gives_no_sign_for_the_length_of_its_lease_is_dead() {
    let url = Cluster::shared().new_database().await;
    let lease = Duration::from_millis(300);
    let (frozen, task) = {
        let (url, task) = (url.clone(), task());
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let store = PostgresTaskStore::with_lease(&url, lease).unwrap();
        tokio::task::spawn_blocking(move || {
            runtime.block_on(store.insert(&task)).unwrap();
            runtime.shutdown_background();
            (store, task)
        })
        .await
        .unwrap()
    };
    let second = PostgresTaskStore::with_lease(&url, lease).unwrap();
    while second.abandoned().await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    second.claim(&task.id, "/films").await.unwrap().expect("nobody has it");
    drop(frozen);
}

/// Its lease is gone, its submit was under way, and the answer comes: it is worth money.
#[tokio::test]
async fn what_a_paused_process_has_learnt_of_its_submit_is_kept() {
    let url = Cluster::shared().new_database().await;
    let (paused, other) = (PostgresTaskStore::at(&url).unwrap(), PostgresTaskStore::at(&url).unwrap());
    let task = planned();
    paused.insert(&task).await.unwrap();
    paused.append(&task.id, &uploaded()).await.unwrap();
    paused.append(&task.id, &intended()).await.unwrap();
    take_for_dead(&paused).await;
    other.claim(&task.id, "/films").await.unwrap().expect("its process is dead");
    paused.append(&task.id, &GenerationEvent::Submitted(remote("r-1"))).await.unwrap();
    assert!(paused.append(&task.id, &received()).await.is_err(), "the rest is the other's");
    let kept = other.load(&task.id).await.unwrap().unwrap();
    assert_eq!((kept.owner, kept.generation.request_id()), (Owner::ThisProcess, Some("r-1")));
    other.append(&task.id, &received()).await.unwrap();
}

#[tokio::test]
async fn two_tasks_are_not_at_work_on_one_request_and_the_rest_of_the_group_is_kept() {
    let store = store().await;
    let one = task();
    store.insert(&one).await.unwrap();
    let other = NewTask { id: TaskId::new(), ..one.clone() };
    let (innocent, second) = (task(), task());
    let (kept, refused, also) = tokio::join!(store.insert(&innocent), store.insert(&other), store.insert(&second));
    assert!(kept.unwrap() && also.unwrap());
    assert!(refused.unwrap_err().advice().contains("let that one end"));
    store.append(&one.id, &failed()).await.unwrap();
    store.insert(&other).await.unwrap();
    let request_id = one.generation.request_id().unwrap();
    assert_eq!(store.of_request(request_id).await.unwrap(), Some(other.id), "the one that is at work");
}

#[tokio::test]
async fn of_many_who_ask_for_the_same_at_once_one_is_first() {
    let url = Cluster::shared().new_database().await;
    let stores = [(); 4].map(|()| PostgresTaskStore::at(&url).unwrap());
    let asking = stores.iter().cycle().take(32).map(|store| {
        let task = NewTask { fingerprint: Some("same".to_owned()), ..planned() };
        async move { store.insert(&task).await.unwrap() }
    });
    let kept = futures::future::join_all(asking).await;
    assert_eq!(kept.iter().filter(|kept| **kept).count(), 1);
    assert_eq!(stores[0].unfinished_of("same").await.unwrap().len(), 1);
}

#[tokio::test]
async fn tables_of_a_later_version_are_not_touched() {
    let url = Cluster::shared().new_database().await;
    let first = PostgresTaskStore::at(&url).unwrap();
    first.insert(&task()).await.unwrap();
    let (client, _) = first.reader().await.unwrap();
    client.execute("UPDATE videogen.tasks_form SET form = 99", &[]).await.unwrap();
    let error = PostgresTaskStore::at(&url).unwrap().insert(&task()).await.unwrap_err();
    assert!(error.advice().contains("newest version"), "{error:?}");
}

#[tokio::test]
async fn of_many_who_begin_a_database_at_once_none_is_refused() {
    let url = Cluster::shared().new_database().await;
    let beginning = (0..8).map(|_| {
        let store = PostgresTaskStore::at(&url).unwrap();
        async move { store.insert(&task()).await.unwrap() }
    });
    assert!(futures::future::join_all(beginning).await.into_iter().all(|kept| kept));
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_of_without_its_password() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let url = format!("postgres://user:hush@{address}/films");
    let store = PostgresTaskStore::with(&url, PostgresTaskStore::LEASE, Duration::ZERO).unwrap();
    let error = store.insert(&task()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("the tasks in postgres://{address}/films cannot be used"));
    assert!(error.advice().contains("PostgreSQL runs"), "{}", error.advice());
    assert!(!format!("{store:?} {error:?}").contains("hush"));
    let malformed = PostgresTaskStore::at("postgres://user:hush@/films?port=x").unwrap_err();
    assert!(malformed.advice().contains("postgres://user:password@host:5432/database"), "{malformed:?}");
    let missing = Cluster::shared().new_database().await + "_missing";
    let error = PostgresTaskStore::at(&missing).unwrap().insert(&task()).await.unwrap_err();
    assert_eq!(error.advice(), "Create the database, then try again.");
}

/// Stands between a store and its server, and cuts the connection at a commit.
struct Cutter {
    url: String,
    cuts: Arc<AtomicUsize>,
}

/// Whether the server gets the commit whose answer never comes.
#[derive(Clone, Copy, PartialEq)]
enum Cut {
    Before,
    After,
}

impl Cutter {
    async fn before(url: &str, cut: Cut) -> Self {
        let server = url.split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cuts = Arc::new(AtomicUsize::new(0));
        let cutter = Self { url: url.replace(&server, &listener.local_addr().unwrap().to_string()), cuts };
        let cuts = Arc::clone(&cutter.cuts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(pass(client, server, cut, Arc::clone(&cuts)));
            }
        });
        cutter
    }

    fn cut(&self, times: usize) {
        self.cuts.store(times, Ordering::SeqCst);
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, cut: Cut, cuts: Arc<AtomicUsize>) {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    // A word may come in two parts.
    let mut last = Vec::new();
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(read @ 1..) = read else { return };
                last.extend_from_slice(&asked[..read]);
                let is_commit = last.windows(6).any(|bytes| bytes == b"COMMIT");
                last.drain(..last.len().saturating_sub(5));
                let is_cut = is_commit
                    && cuts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
                if !is_cut || cut == Cut::After {
                    server.write_all(&asked[..read]).await.unwrap();
                }
                if is_cut {
                    if cut == Cut::After {
                        // Its answer shows that the server is done with it.
                        let _ = server.read(&mut answered).await;
                    }
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(read @ 1..) = read else { return };
                if client.write_all(&answered[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Nobody is told that it was committed, or it was not: either way it is written once.
#[tokio::test]
async fn a_connection_that_is_lost_in_a_commit_loses_and_doubles_nothing() {
    for cut in [Cut::Before, Cut::After] {
        let url = Cluster::shared().new_database().await;
        let cutter = Cutter::before(&url, cut).await;
        let store = PostgresTaskStore::at(&cutter.url).unwrap();
        let (one, other) = (planned(), NewTask { fingerprint: Some("f".to_owned()), ..planned() });
        store.insert(&one).await.unwrap();
        // After a commit that the server had, the next look finds it, and there is nothing more to cut.
        let most = if cut == Cut::Before { 2 } else { 1 };
        for times in 1..=most {
            cutter.cut(times);
            let task = task();
            assert!(store.insert(&task).await.unwrap());
            assert_eq!(cutter.cuts.load(Ordering::SeqCst), 0, "it was cut");
            assert_eq!(store.load(&task.id).await.unwrap().unwrap().generation, task.generation);
        }
        cutter.cut(1);
        // One group of all kinds, of which one is refused.
        let (unknown, event) = (TaskId::new(), uploaded());
        let (appended, inserted, refused) =
            tokio::join!(store.append(&one.id, &event), store.insert(&other), store.append(&unknown, &event));
        appended.unwrap();
        assert!(inserted.unwrap());
        assert_eq!(refused.unwrap_err().to_string(), format!("there is no task {unknown}"));
        assert_eq!(cutter.cuts.load(Ordering::SeqCst), 0, "it was cut");
        let kept = store.load(&one.id).await.unwrap().unwrap();
        assert_eq!(kept.generation.state, GenerationState::Ready);
        cutter.cut(1);
        store.release(&one.id).await.unwrap();
        cutter.cut(1);
        let claimed = store.claim(&one.id, "/else").await.unwrap().expect("nobody has it");
        assert_eq!(claimed, kept.generation);
        assert_eq!(cutter.cuts.load(Ordering::SeqCst), 0, "it was cut");
        assert_eq!(store.list(&TaskFilter::default()).await.unwrap().len(), 2 + most);
    }
}

/// The server is killed again and again while many write; whatever was said to be kept is there, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_loses_and_doubles_nothing() {
    let cluster = Cluster::start(true);
    let store = PostgresTaskStore::at(&cluster.new_database().await).unwrap();
    store.insert(&task()).await.unwrap();
    let writing = (0..16).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut written = Vec::new();
            for _ in 0..40 {
                let task = planned();
                assert!(store.insert(&task).await?);
                store.append(&task.id, &uploaded()).await?;
                store.append(&task.id, &intended()).await?;
                store.append(&task.id, &GenerationEvent::Submitted(remote(task.id.as_str()))).await?;
                written.push(task.id);
            }
            Ok::<_, StoreError>(written)
        })
    });
    let writing: Vec<_> = writing.collect();
    for _ in 0..3 {
        cluster.restart().await.unwrap();
    }
    for written in writing {
        for id in written.await.unwrap().unwrap() {
            let kept = store.load(&id).await.unwrap().unwrap().generation;
            assert_eq!((kept.state, kept.request_id()), (GenerationState::Submitted, Some(id.as_str())));
        }
    }
}

/// Numbers are given in the order of commits: whoever reads while many processes write passes nothing over.
#[tokio::test(flavor = "multi_thread")]
async fn events_of_many_processes_are_told_in_the_order_of_their_commits() {
    let url = Cluster::shared().new_database().await;
    const TASKS: usize = 60;
    let reader = PostgresTaskStore::at(&url).unwrap();
    let writing = (0..6).map(|_| {
        let store = PostgresTaskStore::at(&url).unwrap();
        tokio::spawn(async move {
            for _ in 0..TASKS {
                let task = planned();
                store.insert(&task).await.unwrap();
                store.append(&task.id, &uploaded()).await.unwrap();
            }
        })
    });
    let writing: Vec<_> = writing.collect();
    let (filter, mut told, mut after) = (crate::EventFilter::default(), 0, 0);
    while told < 6 * TASKS * 2 {
        let events = reader.events(after, &filter).await.unwrap();
        told += events.len();
        match events.last() {
            Some(last) => after = last.seq,
            // All is written: what is not told by now was passed over.
            None if writing.iter().all(tokio::task::JoinHandle::is_finished) => {
                let left = reader.events(after, &filter).await.unwrap();
                told += left.len();
                assert_eq!(told, 6 * TASKS * 2, "some were passed over");
                after = left.last().map_or(after, |last| last.seq);
            }
            None => reader.news().await,
        }
    }
    assert_eq!(after, reader.last_event().await.unwrap());
}
