//! What is killed, where and how often.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use videogen::Usd;

use crate::stage::{LEASE, Stage};

/// Where tasks are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// A file.
    Sqlite,
    /// A database.
    Postgres,
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Sqlite { "SQLite" } else { "PostgreSQL" })
    }
}

/// Where a process is killed, in the order in which one comes there: a place and the how manieth time; behind another one,
/// the place at which the next process is killed.
pub const PLACES: &[&[&str]] = &[
    &["take_in.kept 1"],
    &["take_in.reserved 1"],
    &["images_uploaded.before 1"],
    &["images_uploaded.after 1"],
    &["submit_intended.before 1"],
    &["submit_intended.after 1"],
    &["submit_intended.after 1", "submit_unconfirmed.before 1"],
    &["submit_intended.after 1", "submit_unconfirmed.after 1"],
    &["submit_intended.after 1", "not_accepted.before 1"],
    &["submit_intended.after 1", "not_accepted.after 1"],
    &["submit_intended.after 1", "submitted.before 1"],
    &["submitted.before 1"],
    &["submitted.before 1", "submitted.before 1"],
    &["submitted.before 1", "submitted.after 1"],
    &["submitted.after 1"],
    &["observed.before 1"],
    &["observed.after 1"],
    &["result_received.before 1"],
    &["result_received.after 1"],
    &["asset.move.before 1"],
    &["asset.move.after 1"],
    &["asset.move.before 2"],
    &["asset.move.after 2"],
    &["video_stored.before 1"],
    &["video_stored.after 1"],
    &["settled.before 1"],
    &["settled.after 1"],
    &["books.commit.before 1"],
    &["books.commit.after 1"],
    &["books.commit.before 2"],
    &["books.commit.after 2"],
    &["books.commit.before 3"],
    &["books.commit.after 3"],
    &["tasks.commit.before 1"],
    &["tasks.commit.after 1"],
    &["tasks.commit.before 3"],
    &["tasks.commit.after 3"],
    &["tasks.commit.before 4"],
    &["tasks.commit.after 4"],
    &["tasks.commit.before 7"],
    &["tasks.commit.after 7"],
];

/// What was done.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Processes that were killed.
    pub kills: usize,
    /// Processes that were paused for longer than their lease, and then went on.
    pub pauses: usize,
    /// Videos that were made: each is whole, on disk, and was paid once.
    pub videos: usize,
    /// What they cost, by the emulator's ledger and by the books.
    pub charged: Usd,
}

impl Report {
    fn new() -> Self {
        Self { kills: 0, pauses: 0, videos: 0, charged: Usd::ZERO }
    }

    async fn end(&mut self, stage: &Stage, videos: usize, told: &str) {
        self.charged = self.charged + stage.finish(told).await;
        self.videos += videos;
    }
}

/// Kills a process at every named place, one place after another.
///
/// # Panics
/// When a process does not come to its place, or something was paid twice or is lost.
pub async fn every_place(program: &Path, store: Store) -> Report {
    let mut report = Report::new();
    for (number, places) in PLACES.iter().enumerate() {
        let told = format!("{store}, {places:?}");
        let stage = Stage::set(program, store, 1, 0.0, number as u64).await;
        for place in *places {
            let die_at: Vec<&str> = place.split(' ').collect();
            let mut worker = stage.worker("resubmit", &die_at);
            let ended = timeout(Duration::from_secs(60), worker.wait()).await;
            let ended =
                ended.unwrap_or_else(|_| panic!("{told}: it neither dies nor ends")).expect("can be waited for");
            assert_eq!(ended.signal(), Some(9), "{told}: it never came to {place}, and ended with {ended}");
            report.kills += 1;
        }
        report.end(&stage, 1, &told).await;
    }
    report
}

/// Kills processes at moments that nobody has chosen, while 5 in 100 exchanges with fal go wrong.
///
/// # Panics
/// When something was paid twice or is lost.
pub async fn random_moments(program: &Path, store: Store, kills: usize, seed: u64) -> Report {
    const TASKS: usize = 8;
    let (mut report, mut random, mut rounds) = (Report::new(), fastrand::Rng::with_seed(seed), 0);
    let whole = undisturbed(program, store, TASKS).await;
    while report.kills < kills {
        rounds += 1;
        let told = format!("{store}, seed {seed}, round {rounds}");
        let stage = Stage::set(program, store, TASKS, 0.05, random.u64(..)).await;
        while report.kills < kills {
            let mut worker = stage.worker("resubmit", &[]);
            if has_ended_within(&mut worker, whole.mul_f64(random.f64())).await {
                break;
            }
            worker.kill().await.expect("it is ours to kill");
            report.kills += 1;
        }
        report.end(&stage, TASKS, &told).await;
    }
    report
}

/// Lets several processes work on the same tasks in one database, as many machines would, and kills or pauses one of them
/// again and again: a pause is longer than the lease, so that the others take over what it has, and then it goes on.
///
/// # Panics
/// When something was paid twice or is lost.
pub async fn several_workers(program: &Path, kills: usize, pauses: usize, seed: u64) -> Report {
    const TASKS: usize = 12;
    let (mut report, mut random, mut rounds) = (Report::new(), fastrand::Rng::with_seed(seed), 0);
    while report.kills < kills || report.pauses < pauses {
        rounds += 1;
        let told = format!("several workers, seed {seed}, round {rounds}");
        let stage = Stage::set(program, Store::Postgres, TASKS, 0.05, random.u64(..)).await;
        let count = random.usize(2..=4);
        // Whoever is paused in a submit may send it when it goes on: nobody but a person may send it again.
        let mut workers: Vec<Child> = (0..count).map(|_| stage.worker("hold", &[])).collect();
        for _ in 0..8 {
            let chosen = random.usize(..count);
            let worker = &mut workers[chosen];
            let _ = has_ended_within(worker, Duration::from_millis(random.u64(..700))).await;
            if report.pauses < pauses && (random.bool() || kills <= report.kills) {
                signal(worker, "-STOP").await;
                sleep(Duration::from_secs_f64(LEASE * (1.2 + random.f64()))).await;
                signal(worker, "-CONT").await;
                report.pauses += 1;
            } else if report.kills < kills {
                worker.kill().await.expect("it is ours to kill");
                workers[chosen] = stage.worker("hold", &[]);
                report.kills += 1;
            }
        }
        for worker in &mut workers {
            worker.kill().await.expect("it is ours to kill");
        }
        report.end(&stage, TASKS, &told).await;
    }
    report
}

/// How long a process takes that nobody kills, so that most moments are in the middle of the work.
async fn undisturbed(program: &Path, store: Store, tasks: usize) -> Duration {
    let stage = Stage::set(program, store, tasks, 0.0, 0).await;
    let began = Instant::now();
    stage.finish("undisturbed").await;
    began.elapsed()
}

async fn has_ended_within(worker: &mut Child, time: Duration) -> bool {
    let Ok(ended) = timeout(time, worker.wait()).await else { return false };
    let ended = ended.expect("can be waited for");
    assert!(ended.success(), "a worker has ended with {ended}");
    true
}

async fn signal(worker: &Child, signal: &str) {
    let Some(process) = worker.id() else { return };
    let sent = Command::new("kill").args([signal, &process.to_string()]).status().await;
    sent.expect("a signal can be sent");
}
