//! The short form of `cargo xtask torture`.
#![cfg(unix)]

use std::path::Path;

use videogen_torture::{PLACES, Store, every_place, random_moments, several_workers};

const PROGRAM: &str = env!("CARGO_BIN_EXE_torture");
const KILLS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_named_place_with_tasks_in_a_file() {
    let report = every_place(Path::new(PROGRAM), Store::Sqlite).await;
    assert!(PLACES.len() <= report.kills, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_named_place_with_tasks_in_postgres() {
    let report = every_place(Path::new(PROGRAM), Store::Postgres).await;
    assert!(PLACES.len() <= report.kills, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments() {
    for store in [Store::Sqlite, Store::Postgres] {
        let report = random_moments(Path::new(PROGRAM), store, KILLS, fastrand::u64(..)).await;
        assert_eq!(report.kills, KILLS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_workers_are_killed_and_paused() {
    let report = several_workers(Path::new(PROGRAM), 4, 4, fastrand::u64(..)).await;
    assert_eq!((report.kills, report.pauses), (4, 4));
}
