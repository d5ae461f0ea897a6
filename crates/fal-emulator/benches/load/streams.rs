//! Many open status streams at once, and requests beside them.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::client::Client;
use crate::emulated::{address_of, builder, get, request, request_url, submitted};
use crate::memory::resident_kb;
use crate::rate;

const STREAMS: usize = 20_000;
/// Status requests that are sent while the streams are open.
const REQUESTS: usize = 100_000;

/// The limit of open files would stop one connection for each stream.
const STREAMS_PER_CONNECTION: usize = 200;

/// Counts events over all streams.
#[derive(Default)]
struct Count {
    events: AtomicUsize,
    moved: Notify,
}

impl Count {
    async fn reaches(&self, wanted: usize) {
        loop {
            let moved = self.moved.notified();
            if self.events.load(Ordering::SeqCst) >= wanted {
                return;
            }
            moved.await;
        }
    }
}

/// Opens the streams, and prints what they cost and what the emulator still does beside them.
pub(crate) async fn measure(scale: usize) {
    let (streams, requests) = (STREAMS / scale, REQUESTS / scale);
    let emulator = builder(1, Duration::from_secs(86_400)).start().await.expect("starts");
    let address = address_of(&emulator);
    let mut client = Client::connect(&address).await;
    let running = submitted(&mut client, "").await;
    let mut waiting = Vec::with_capacity(streams);
    for _ in 0..streams {
        waiting.push(submitted(&mut client, "").await);
    }
    let (before, begun) = (resident_kb(), Instant::now());
    let count = Arc::new(Count::default());
    for some in waiting.chunks(STREAMS_PER_CONNECTION) {
        open(&address, some, &count).await;
    }
    count.reaches(streams).await;
    println!("streams    {streams} open, HTTP/2, {STREAMS_PER_CONNECTION} on a connection");
    println!("  all open and first status read after {:.2} s", begun.elapsed().as_secs_f64());
    println!("  {:.1} kB of memory for each, client included", (resident_kb() - before) / streams as f64);
    let bare = rate::of_a_bare_server(requests).await;
    rate::print("bare server", bare, bare);
    let status = format!("{}/status", request_url("", &running));
    let beside = rate::rate(rate::connections(&address).await, requests, move || get(&status)).await;
    rate::print("status, beside them", beside, bare);
    let begun = Instant::now();
    client.send(request("PUT", &format!("{}/cancel", request_url("", &running)), String::new())).await;
    count.reaches(2 * streams).await;
    println!(
        "  one request leaves: all {streams} know their new position after {:.2} s",
        begun.elapsed().as_secs_f64()
    );
}

/// Opens a stream for each of these requests, all on one connection.
async fn open(address: &str, ids: &[String], count: &Arc<Count>) {
    let another = Client::multiplexed(address).await;
    for id in ids {
        let url = format!("{}/status/stream?logs=1", request_url(&format!("http://{address}"), id));
        let (mut client, count) = (another(), Arc::clone(count));
        tokio::spawn(async move { read(client.begin(get(&url)).await.into_body(), &count).await });
    }
}

/// Counts the events of one stream; comments are not counted.
async fn read(mut body: Incoming, count: &Count) {
    while let Some(Ok(frame)) = body.frame().await {
        let data = frame.into_data().unwrap_or_default();
        let events = data.windows(6).filter(|window| window == b"data: ").count();
        count.events.fetch_add(events, Ordering::SeqCst);
        count.moved.notify_waiters();
    }
}
