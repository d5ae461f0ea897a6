//! What is special about tasks in a file.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use videogen_domain::{Generation, GenerationEvent, GenerationState, RemoteRequest};

use super::SqliteTaskStore;
use crate::{NewTask, Owner, StoreError, TaskId, TaskStore};

fn task() -> NewTask {
    let remote = RemoteRequest {
        request_id: uuid::Uuid::now_v7().to_string(),
        status_url: String::new(),
        response_url: String::new(),
        cancel_url: String::new(),
    };
    let generation = Generation::adopt("kling_2.1", "fal-ai/kling-video", remote);
    NewTask { id: TaskId::new(), generation, fingerprint: None, seen: Vec::new(), place: "/films".to_owned() }
}

fn received() -> GenerationEvent {
    let url = "https://cdn/v.mp4".to_owned();
    GenerationEvent::ResultReceived(videogen_domain::GeneratedVideo { url, bytes: None, billable_units: None })
}

async fn error(file: impl AsRef<Path>) -> StoreError {
    SqliteTaskStore::at(file.as_ref()).insert(&task()).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_in_a_file_and_in_memory_conform() {
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicUsize::new(0);
    let next = || number.fetch_add(1, Ordering::Relaxed);
    let make = || SqliteTaskStore::at(folder.path().join(format!("new/{}.sqlite", next())));
    crate::conformance::check_task_store(make).await;
    crate::conformance::check_task_store(crate::MemoryTaskStore::default).await;
}

/// Two stores are two processes: each has a mark of its own.
#[tokio::test]
async fn a_task_belongs_to_one_process_and_after_its_death_to_whoever_takes_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.sqlite");
    let (first, second, third) = (SqliteTaskStore::at(&file), SqliteTaskStore::at(&file), SqliteTaskStore::at(&file));
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
    drop(first);
    assert_eq!(second.load(&task.id).await.unwrap().unwrap().owner, Owner::Nobody);
    assert_eq!(second.abandoned().await.unwrap(), [(task.id.clone(), "/films".to_owned())]);
    let (one, other) = tokio::join!(second.claim(&task.id, "/films"), third.claim(&task.id, "/films"));
    let taken = [one.unwrap(), other.unwrap()];
    assert_eq!(taken.iter().flatten().count(), 1, "of two who find out that it is free, one has it");
    let (winner, loser) = if taken[0].is_some() { (&second, &third) } else { (&third, &second) };
    winner.append(&task.id, &received()).await.unwrap();
    assert!(loser.append(&task.id, &received()).await.is_err());
    assert_eq!(loser.load(&task.id).await.unwrap().unwrap().generation.state, GenerationState::Generated);
}

#[tokio::test]
async fn two_tasks_are_not_at_work_on_one_request() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteTaskStore::at(folder.path().join("tasks.sqlite"));
    let one = task();
    store.insert(&one).await.unwrap();
    let other = NewTask { id: TaskId::new(), ..one.clone() };
    assert!(store.insert(&other).await.is_err());
    let failure = videogen_domain::Failure::new(
        videogen_domain::FailureKind::NotFound,
        videogen_domain::Recovery::Never,
        "fal has forgotten it",
        "Look.",
    );
    store.append(&one.id, &GenerationEvent::Failed(failure)).await.unwrap();
    store.insert(&other).await.unwrap();
    let request_id = one.generation.request_id().unwrap();
    assert_eq!(store.of_request(request_id).await.unwrap(), Some(other.id), "the one that is at work");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.sqlite");
    std::fs::write(&file, "these are no tasks, but somebody's letter".repeat(99)).unwrap();
    let error = error(&file).await;
    assert!(error.to_string().contains("tasks.sqlite"), "{error}");
    assert!(error.advice().contains("damaged"), "{}", error.advice());
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("these are no tasks"));
}

#[tokio::test]
async fn a_file_of_a_later_version_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.sqlite");
    let task = task();
    SqliteTaskStore::at(&file).insert(&task).await.unwrap();
    let later = rusqlite::Connection::open(&file).unwrap();
    later.execute("UPDATE tasks SET began = replace(began, '\"version\":1', '\"version\":9')", []).unwrap();
    let later_task = SqliteTaskStore::at(&file).load(&task.id).await.unwrap_err();
    assert!(later_task.advice().contains("newest version"), "{}", later_task.advice());
    later.execute("UPDATE tasks_form SET form = 99", []).unwrap();
    assert!(error(&file).await.advice().contains("newest version"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = error(folder.path().join("file/tasks.sqlite")).await;
    assert!(error.to_string().ends_with("tasks.sqlite cannot be used"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_folder_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made/tasks.sqlite");
    let store = SqliteTaskStore::at(&file);
    store.insert(&task()).await.unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(&folder.path().join("made"))), (0o600, 0o700));
    assert_eq!(mode(&folder.path().join("made/tasks.sqlite.owners")), 0o700);
}

/// A disk that is full in the middle of a group takes back what was not committed, and nobody is told otherwise.
#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_said_to_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.sqlite");
    let store = SqliteTaskStore::at(&file);
    store.insert(&task()).await.unwrap();
    // As many pages as there are, and a few.
    store
        .change(|tasks, _| {
            let pages: i64 = tasks.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            tasks.pragma_update(None, "max_page_count", pages + 4)?;
            Ok(())
        })
        .await
        .unwrap();
    let inserting = (0..100).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let task = task();
            (store.insert(&task).await, task.id)
        })
    });
    let (mut kept, mut refused) = (0, 0);
    for inserted in inserting.collect::<Vec<_>>() {
        let (inserted, id) = inserted.await.unwrap();
        assert_eq!(store.load(&id).await.unwrap().is_some(), inserted.is_ok(), "{inserted:?}");
        match inserted {
            Ok(_) => kept += 1,
            Err(error) => {
                assert!(error.advice().contains("Make room") || error.advice().contains("elsewhere"), "{error:?}");
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "{kept} are kept");
    let unlimited = |tasks: &rusqlite::Connection, _: &str| Ok(tasks.pragma_update(None, "max_page_count", 1 << 20)?);
    store.change(unlimited).await.unwrap();
    store.insert(&task()).await.unwrap();
}

/// As processes do that start together for the first time.
#[test]
fn of_many_who_begin_a_file_at_once_none_is_refused() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/tasks.sqlite");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| super::open::writer(&file).map(drop).map_err(|trouble| trouble.told_of(&file)).unwrap());
            }
        });
    }
}

/// What the version before has written goes on, and nothing of it is lost.
#[tokio::test]
async fn a_file_of_the_first_form_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.sqlite");
    let before = rusqlite::Connection::open(&file).unwrap();
    before.execute_batch(include_str!("form_1.sql")).unwrap();
    before.execute_batch("CREATE TABLE tasks_form(form INTEGER NOT NULL); INSERT INTO tasks_form VALUES (1)").unwrap();
    let task = task();
    let sql = "INSERT INTO tasks(id, state, model_id, endpoint_id, place, owner, began, created_at, updated_at) \
               VALUES (?1, 'submitted', 'kling_2.1', 'fal-ai/kling-video', '/films', 'released', ?2, 1, 1)";
    before.execute(sql, (task.id.as_str(), task.generation.to_json().unwrap())).unwrap();
    drop(before);
    let store = SqliteTaskStore::at(&file);
    assert_eq!(store.of_key("k").await.unwrap(), None);
    assert_eq!(store.claim(&task.id, "/films").await.unwrap(), Some(task.generation));
    store.append(&task.id, &received()).await.unwrap();
    let form = rusqlite::Connection::open(&file).unwrap();
    let form: i64 = form.query_row("SELECT form FROM tasks_form", [], |row| row.get(0)).unwrap();
    assert_eq!(form, 2);
}
