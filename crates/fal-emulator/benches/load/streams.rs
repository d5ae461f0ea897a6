//! Many open status streams at once, and requests beside them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::client::{Client, multiplexed};
use crate::{address_of, get, print_rate, rate, request, start, submitted};

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
pub(crate) async fn measure(streams: usize, requests: usize, bare: f64) {
    let emulator = start(1, Duration::from_secs(86_400)).await;
    let address = address_of(&emulator);
    let running = submitted(&address).await;
    let mut waiting = Vec::with_capacity(streams);
    for _ in 0..streams {
        waiting.push(submitted(&address).await);
    }
    let (before, begun) = (resident_mb(), Instant::now());
    let count = Arc::new(Count::default());
    let mut connections = Vec::new();
    for some in waiting.chunks(STREAMS_PER_CONNECTION) {
        connections.push(open(&address, some, &count).await);
    }
    count.reaches(streams).await;
    println!("streams    {streams} open, HTTP/2, {STREAMS_PER_CONNECTION} on a connection");
    println!("  all open and first status read after {:.2} s", begun.elapsed().as_secs_f64());
    println!("  {:.1} kB of memory for each, client included", (resident_mb() - before) * 1000.0 / streams as f64);
    let status = format!("/queue/fal-ai/kling-video/requests/{running}/status");
    print_rate("status, beside them", rate(&address, requests, move || get(&status)).await, bare);
    let begun = Instant::now();
    let cancel = request("PUT", &format!("/queue/fal-ai/kling-video/requests/{running}/cancel"), String::new());
    Client::connect(&address).await.send(cancel).await;
    count.reaches(2 * streams).await;
    println!(
        "  one request leaves: all {streams} know their new position after {:.2} s",
        begun.elapsed().as_secs_f64()
    );
}

async fn open(
    address: &str,
    ids: &[String],
    count: &Arc<Count>,
) -> hyper::client::conn::http2::SendRequest<http_body_util::Full<bytes::Bytes>> {
    let mut sender = multiplexed(address).await;
    for id in ids {
        let url = format!("http://{address}/queue/fal-ai/kling-video/requests/{id}/status/stream?logs=1");
        sender.ready().await.expect("takes requests");
        let answer = sender.send_request(get(&url));
        let count = Arc::clone(count);
        tokio::spawn(async move { read(answer.await.expect("answers").into_body(), &count).await });
    }
    sender
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

/// Megabytes of this process in memory, as Linux counts them; 0 elsewhere.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok()).unwrap_or_default() / 1000.0
}
