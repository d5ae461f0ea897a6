//! Tasks in a file and in PostgreSQL: how many are kept, taken over and brought to their end, each step durable, beside a commit for each
//! change.
//!
//! `cargo xtask bench queue` starts it; how each figure is made is told in `docs/benchmarks.md`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the machine's own clock")]

use std::fmt::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use postgres_cluster::Cluster;
use rusqlite::Connection;
use videogen_domain::{
    Attempt, Failure, FailureKind, GeneratedVideo, Generation, GenerationEvent, Observation, Recovery, RemoteRequest,
};
use videogen_queue::{NewTask, PostgresTaskStore, SqliteTaskStore, TaskFilter, TaskId, TaskStore};

/// How much is measured.
struct Scale {
    /// Changes for each figure.
    changes: usize,
    /// Tasks that are there already, one table for each.
    stored: &'static [usize],
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("starts");
    // `cargo test` runs benchmarks too, and then wants to know only that they work.
    let is_smoke = !std::env::args().any(|argument| argument == "--bench");
    let scale = match is_smoke {
        true => Scale { changes: 64, stored: &[0, 100] },
        false => Scale { changes: 20_000, stored: &[0, 100_000, 1_000_000] },
    };
    let document = runtime.block_on(all(&scale));
    println!("{document}");
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(folder) = arguments.iter().skip_while(|argument| *argument != "--into").nth(1) {
        std::fs::create_dir_all(folder).expect("can be made");
        std::fs::write(Path::new(folder).join("queue.md"), document).expect("can be written");
    }
}

async fn all(scale: &Scale) -> String {
    let folder = tempfile::tempdir().expect("there is room");
    let cluster = Cluster::start(true);
    let mut document = String::new();
    for &stored in scale.stored {
        let store = Arc::new(SqliteTaskStore::at(folder.path().join(format!("{stored}.sqlite"))));
        measured(&mut document, "SQLite", store, stored, scale.changes).await;
    }
    for &stored in scale.stored {
        let store = Arc::new(PostgresTaskStore::at(&cluster.new_database().await).expect("the address is one"));
        measured(&mut document, "PostgreSQL", store, stored, scale.changes).await;
    }
    let plain = commit_for_each(folder.path(), (scale.changes / 10).max(1));
    let group: Store = Arc::new(SqliteTaskStore::at(folder.path().join("group.sqlite")));
    let group = kept(&group, 64, scale.changes / 64).await.rate;
    let _ = writeln!(
        document,
        "\n| at 64 callers | per second | |\n| --- | ---: | ---: |\n\
         | one connection to SQLite, a commit for each | {plain:.0} | 1 |\n\
         | `SqliteTaskStore` | {group:.0} | {:.1} |",
        group / plain
    );
    document
}

type Store = Arc<dyn TaskStore>;

/// One table: a store with so many tasks in it.
async fn measured(document: &mut String, name: &str, store: Store, stored: usize, changes: usize) {
    fill(&store, stored).await;
    let _ = writeln!(
        document,
        "\n| {name}, {stored} tasks stored; callers | kept per second | p99 | taken over and ended per second | p99 of taking over | \
         whole lives of 6 events per second | p99 of one event |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for callers in [1, 8, 64] {
        let each = (changes / callers / if callers == 1 { 10 } else { 1 }).max(1);
        let kept = kept(&store, callers, each).await;
        let taken = taken(&store, callers, (each / 4).max(1)).await;
        let lives = lived(&store, callers, (each / 8).max(1)).await;
        let _ = writeln!(
            document,
            "| {callers} | {:.0} | {:.2} ms | {:.0} | {:.2} ms | {:.0} | {:.2} ms |",
            kept.rate, kept.p99, taken.rate, taken.p99, lives.rate, lives.p99
        );
    }
    let began = Instant::now();
    let listed = store.list(&TaskFilter::default().unfinished().at_most(100)).await.expect("can be read").len();
    let _ = writeln!(document, "\nThe newest {listed} of them are listed in {:.1} ms.", millis(began.elapsed()));
}

/// What was measured.
struct Figures {
    rate: f64,
    p99: f64,
}

fn figures(whole: Duration, done: usize, mut times: Vec<Duration>) -> Figures {
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    Figures { rate: done as f64 / whole.as_secs_f64(), p99: millis(p99) }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

async fn fill(store: &Store, count: usize) {
    let fillers = (0..64).map(|filler| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            for _ in (filler..count).step_by(64) {
                store.insert(&task()).await.expect("is kept");
            }
        })
    });
    for filler in fillers.collect::<Vec<_>>() {
        filler.await.expect("does not panic");
    }
}

async fn kept(store: &Store, callers: usize, each: usize) -> Figures {
    let began = Instant::now();
    let calling = (0..callers).map(|_| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let mut times = Vec::with_capacity(each);
            for _ in 0..each {
                let (task, began) = (task(), Instant::now());
                store.insert(&task).await.expect("is kept");
                times.push(began.elapsed());
            }
            times
        })
    });
    let mut times = Vec::new();
    for caller in calling.collect::<Vec<_>>() {
        times.extend(caller.await.expect("does not panic"));
    }
    figures(began.elapsed(), times.len(), times)
}

/// Tasks are kept and given up beforehand; measured is how somebody takes each over and ends it.
async fn taken(store: &Store, callers: usize, each: usize) -> Figures {
    let mut tasks = Vec::new();
    for _ in 0..callers * each {
        let task = task();
        tasks.push(task.id.clone());
        store.insert(&task).await.expect("is kept");
        store.release(&task.id).await.expect("is kept");
    }
    let began = Instant::now();
    let calling = tasks.chunks(each).map(|tasks| {
        let (store, tasks) = (Arc::clone(store), tasks.to_vec());
        tokio::spawn(async move {
            let mut times = Vec::new();
            for id in &tasks {
                let began = Instant::now();
                store.claim(id, "/films").await.expect("is kept").expect("nobody has it");
                times.push(began.elapsed());
                let [.., ended] = life(id);
                store.append(id, &ended).await.expect("is kept");
            }
            times
        })
    });
    let mut times = Vec::new();
    for caller in calling.collect::<Vec<_>>() {
        times.extend(caller.await.expect("does not panic"));
    }
    figures(began.elapsed(), callers * each, times)
}

/// Tasks are kept beforehand; measured is what happens to them.
async fn lived(store: &Store, callers: usize, each: usize) -> Figures {
    let mut tasks = Vec::new();
    for _ in 0..callers * each {
        let task = task();
        tasks.push(task.id.clone());
        store.insert(&task).await.expect("is kept");
    }
    let began = Instant::now();
    let calling = tasks.chunks(each).map(|tasks| {
        let (store, tasks) = (Arc::clone(store), tasks.to_vec());
        tokio::spawn(async move {
            let mut times = Vec::new();
            for id in &tasks {
                for event in life(id) {
                    let began = Instant::now();
                    store.append(id, &event).await.expect("is kept");
                    times.push(began.elapsed());
                }
            }
            times
        })
    });
    let mut times = Vec::new();
    for caller in calling.collect::<Vec<_>>() {
        times.extend(caller.await.expect("does not panic"));
    }
    figures(began.elapsed(), callers * each, times)
}

/// The same rows, by threads that share a connection and commit each for itself.
fn commit_for_each(folder: &Path, count: usize) -> f64 {
    let connection = Connection::open(folder.join("plain.sqlite")).expect("opens");
    connection
        .execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
             CREATE TABLE tasks(id TEXT PRIMARY KEY, began TEXT NOT NULL) STRICT",
        )
        .expect("begins");
    let connection = Arc::new(Mutex::new(connection));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..64 {
            let connection = Arc::clone(&connection);
            scope.spawn(move || {
                for _ in 0..count.div_ceil(64) {
                    let NewTask { id, generation, .. } = task();
                    let began = generation.to_json().expect("is JSON");
                    let connection = connection.lock().expect("nobody panicked");
                    connection.execute("INSERT INTO tasks VALUES (?1, ?2)", (id.as_str(), began)).expect("is kept");
                }
            });
        }
    });
    (count.div_ceil(64) * 64) as f64 / began.elapsed().as_secs_f64()
}

fn task() -> NewTask {
    let id = TaskId::from(uuid::Uuid::now_v7().to_string());
    let mut generation = Generation::adopt("kling_2.1", "fal-ai/kling-video/v2.1/standard/image-to-video", remote("r"));
    generation.remote = None;
    generation.state = videogen_domain::GenerationState::Planned;
    NewTask { id, generation, fingerprint: None, seen: Vec::new(), place: "/films".to_owned() }
}

fn remote(request_id: &str) -> RemoteRequest {
    let url = format!("https://queue.fal.run/fal-ai/kling-video/requests/{request_id}");
    RemoteRequest {
        request_id: request_id.to_owned(),
        status_url: format!("{url}/status"),
        cancel_url: format!("{url}/cancel"),
        response_url: url,
    }
}

fn life(id: &TaskId) -> [GenerationEvent; 6] {
    let image = videogen_domain::UploadedImage {
        url: "https://v3.fal.media/files/a.png".to_owned(),
        content_hash: Some("00".repeat(32)),
        cached: false,
    };
    let attempt = Attempt { attempt_id: id.to_string(), body_hash: "00".repeat(32), booking_id: None };
    let url = "https://v3.fal.media/files/v.mp4".to_owned();
    [
        GenerationEvent::ImagesUploaded { image, end_image: None, fingerprint: None },
        GenerationEvent::SubmitIntended(attempt),
        GenerationEvent::Submitted(remote(id.as_str())),
        GenerationEvent::Observed {
            observation: Observation::InProgress { percent: Some(50.0) },
            new_logs: Vec::new(),
        },
        GenerationEvent::ResultReceived(GeneratedVideo { url, bytes: Some(1_000_000), billable_units: None }),
        GenerationEvent::Failed(Failure::new(FailureKind::Storage, Recovery::Never, "the end", "Look at it.")),
    ]
}
