//! What is special about books in a file.

use std::sync::Arc;

use proptest::prelude::*;
use videogen_domain::{Budget, CostEstimate, Decision, Ledger, Recovery, UnixMillis, Usd};

use super::SqliteBooks;
use crate::{Bill, Booking, Books, BooksError, BudgetStore};

const AT: UnixMillis = UnixMillis(1_795_680_000_000);

fn booking(id: &str, cents: u32) -> Booking {
    Booking {
        booking_id: id.to_owned(),
        project_id: Some("film".into()),
        model_id: "kling_2.1".to_owned(),
        endpoint_id: "o/kling".to_owned(),
        estimate: CostEstimate::Exact(usd(cents)),
        at: AT,
    }
}

fn usd(cents: u32) -> Usd {
    Usd::new(videogen_domain::Decimal::new(i64::from(cents), 2)).unwrap()
}

fn bill(id: &str, cents: u32) -> Bill {
    Bill {
        booking_id: Some(id.to_owned()),
        request_id: format!("r-{id}"),
        project_id: None,
        model_id: "kling_2.1".to_owned(),
        endpoint_id: "o/kling".to_owned(),
        class: None,
        billable_units: None,
        billed: Some(usd(cents)),
        finished: None,
        at: AT,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn books_in_a_file_and_in_memory_conform() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::sync::atomic::AtomicUsize::new(0);
    let next = || number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    crate::conformance::check_books(|| SqliteBooks::at(folder.path().join(format!("new/{}.sqlite", next())))).await;
    crate::conformance::check_books(SqliteBooks::in_memory).await;
}

#[tokio::test]
async fn another_process_finds_what_was_reserved() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.sqlite");
    let within = Budget { overall: Some(usd(50)), ..Budget::default() };
    SqliteBooks::at(&file).reserve(&booking("b-1", 28), &within).await.unwrap();
    let decision = SqliteBooks::at(&file).reserve(&booking("b-2", 28), &within).await.unwrap();
    assert!(matches!(decision, Decision::Refused(refusal) if refusal.left == usd(22)), "{decision:?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.sqlite");
    std::fs::write(&file, "these are no books, but somebody's letter".repeat(99)).unwrap();
    let error = SqliteBooks::at(&file).reserve(&booking("b-1", 28), &Budget::default()).await.unwrap_err();
    assert!(error.to_string().contains("books.sqlite"), "{error}");
    assert!(error.advice().contains("damaged"), "{}", error.advice());
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("these are no books"));
}

#[tokio::test]
async fn books_of_a_later_version_are_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.sqlite");
    SqliteBooks::at(&file).ledgers(None, AT).await.unwrap();
    rusqlite::Connection::open(&file).unwrap().execute("UPDATE books_form SET form = 99", []).unwrap();
    let error = SqliteBooks::at(&file).ledgers(None, AT).await.unwrap_err();
    assert!(error.advice().contains("newest version"), "{}", error.advice());
    assert_eq!(error.recovery(), Recovery::Later);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let books = SqliteBooks::at(folder.path().join("file/books.sqlite"));
    let error = books.ledgers(None, AT).await.unwrap_err();
    assert!(matches!(&error, BooksError::Unusable { place, .. } if place.ends_with("books.sqlite")), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made/books.sqlite");
    SqliteBooks::at(&file).ledgers(None, AT).await.unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

/// What one of many callers does.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Settled { cents: u32 },
    Released,
    Open,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![(0..60_u32).prop_map(|cents| Fate::Settled { cents }), Just(Fate::Released), Just(Fate::Open)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Two processes with 32 callers each, which share a file.
    #[test]
    fn sixty_four_callers_never_oversell_by_a_cent(
        callers in proptest::collection::vec((1..60_u32, fate()), 64),
        limit in 100..1500_u32,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("books.sqlite");
            let processes = [SqliteBooks::at(&file), SqliteBooks::at(&file)].map(Arc::new);
            let within = Budget { overall: Some(usd(limit)), per_project: Some(usd(limit)), ..Budget::default() };
            let tasks: Vec<_> = callers.iter().enumerate().map(|(number, &(cents, fate))| {
                let books = Arc::clone(&processes[number % 2]);
                tokio::spawn(async move {
                    let id = format!("b-{number}");
                    let decision = books.reserve(&booking(&id, cents), &within).await.unwrap();
                    let seen = books.ledgers(None, AT).await.unwrap().overall;
                    if matches!(decision, Decision::Refused(_)) {
                        return (0, 0, seen);
                    }
                    match fate {
                        // fal never bills more than was reserved here, or the limit could be passed by a bill.
                        Fate::Settled { cents: billed } => {
                            books.settle(&bill(&id, billed.min(cents)), None).await.unwrap();
                            (billed.min(cents), 0, seen)
                        }
                        Fate::Released => {
                            books.release(&id, AT).await.unwrap();
                            (0, 0, seen)
                        }
                        Fate::Open => (0, cents, seen),
                    }
                })
            }).collect();
            let (mut spent, mut reserved) = (0, 0);
            for task in tasks {
                let (settled, open, seen) = task.await.unwrap();
                prop_assert!(seen.spent() + seen.reserved() <= usd(limit), "{:?} of {}", seen, usd(limit));
                spent += settled;
                reserved += open;
            }
            let overall = processes[0].ledgers(None, AT).await.unwrap().overall;
            prop_assert_eq!(overall, Ledger::new(usd(spent), usd(reserved)));
            Ok(())
        })?;
    }
}

/// As processes do that start together for the first time.
#[test]
fn of_many_who_begin_the_books_at_once_none_is_refused() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/books.sqlite");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    super::open::Place::File(file.clone())
                        .connected(&mut None)
                        .map(drop)
                        .map_err(|trouble| match trouble {
                            super::Trouble::Sqlite(error) => error.to_string(),
                            super::Trouble::Unreadable(error) => error.to_string(),
                            super::Trouble::Books(error) => error.to_string(),
                        })
                        .unwrap()
                });
            }
        });
        let names: Vec<_> =
            std::fs::read_dir(folder.path().join("new")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(names.iter().any(|name| name == "books.sqlite") && names.len() <= 3, "nothing else is left: {names:?}");
    }
}
