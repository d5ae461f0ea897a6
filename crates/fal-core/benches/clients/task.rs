//! The task that all contenders have: make so many generations, so many at a time.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::task::JoinSet;

use crate::line::Line;

/// The key that the emulator takes.
pub(crate) const KEY: &str = "bench-id:bench-secret";
/// The model that everybody calls.
pub(crate) const ENDPOINT: &str = "fal-ai/kling-video/v2.1/standard/image-to-video";

/// What a contender is started with, as its last four arguments.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    /// How many generations.
    pub(crate) generations: usize,
    /// How many of them at a time.
    pub(crate) concurrency: usize,
    /// The emulator, such as `https://127.0.0.1:8811`.
    pub(crate) url: String,
    /// The file with the certificate of its authority.
    pub(crate) authority: PathBuf,
}

impl Task {
    /// The arguments from which [`Task::read`] and the other languages read it.
    pub(crate) fn arguments(&self) -> [String; 4] {
        let authority = self.authority.to_string_lossy().into_owned();
        [self.generations.to_string(), self.concurrency.to_string(), self.url.clone(), authority]
    }

    pub(crate) fn read(arguments: &[String]) -> Option<Self> {
        let [generations, concurrency, url, authority] = arguments else { return None };
        Some(Self {
            generations: generations.parse().ok()?,
            concurrency: concurrency.parse().ok()?,
            url: url.clone(),
            authority: authority.into(),
        })
    }

    /// Makes every generation with `generate`, which gets the number of the worker and of the generation, and gives the length
    /// of the video or the reason why there is none.
    pub(crate) async fn run<F>(&self, generate: impl Fn(usize, usize) -> F + Clone + Send + 'static)
    where
        F: Future<Output = Result<u64, String>> + Send,
    {
        let (next, generations) = (Arc::new(AtomicUsize::new(0)), self.generations);
        let mut workers = JoinSet::new();
        for worker in 0..self.concurrency.min(generations) {
            let (next, generate) = (Arc::clone(&next), generate.clone());
            workers.spawn(async move {
                loop {
                    let generation = next.fetch_add(1, Ordering::Relaxed);
                    if generation >= generations {
                        return;
                    }
                    match generate(worker, generation).await {
                        Ok(bytes) => Line::Video { generation, bytes }.tell(),
                        Err(why) => Line::Failed { generation, why }.tell(),
                    }
                }
            });
        }
        workers.join_all().await;
    }
}

/// Says that this contender is set up, does the work once the driver gives the word, and stays until the driver has measured it.
pub(crate) async fn contend(name: &str, work: impl Future<Output = ()>) {
    let mut driver = BufReader::new(stdin()).lines();
    Line::Ready(name.to_owned()).tell();
    driver.next_line().await.expect("the driver gives the word");
    work.await;
    Line::Done.tell();
    while driver.next_line().await.expect("the driver ends it").is_some() {}
}

/// Tells that a request is known to have ended, now.
pub(crate) fn noticed(request_id: &str) {
    Line::Noticed { request_id: request_id.to_owned(), at: Timestamp::now().as_microsecond() }.tell();
}

/// The input of a generation. No two are the same, so that the same input twice in the ledger is a double payment.
pub(crate) fn input(generation: usize) -> Value {
    let still = "https://example.com/still.png";
    json!({ "prompt": prompt(generation), "image_url": still, "duration": "5" })
}

/// By which the ledger tells generations apart.
pub(crate) fn prompt(generation: usize) -> String {
    format!("slow push in over the bay at dawn, take {generation}")
}
