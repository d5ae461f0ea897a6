//! How much the emulator bears: requests per second beside a bare HTTP server, and thousands of open status streams.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod client;
mod floor;
mod streams;

use std::time::Duration;

use fal_emulator::{Emulator, Pace};
use http_body_util::Full;
use hyper::Request;
use serde_json::{Value, json};

use client::Client;

/// Two cores, which the load and the emulator share.
const THREADS: usize = 2;
const CONNECTIONS: usize = 64;
const REQUESTS: usize = 100_000;
const STREAMS: usize = 20_000;
const ENDPOINT: &str = "fal-ai/kling-video/v2.1/standard/image-to-video";

fn main() {
    // `cargo test` runs benchmarks too, and then wants to know only that they work.
    let scale = if std::env::args().any(|argument| argument == "--bench") { 1 } else { 100 };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
    runtime.expect("starts").block_on(run(scale));
}

async fn run(scale: usize) {
    println!(
        "requests   {} at a time, {} in all, HTTP/1.1, {THREADS} threads for load and server",
        CONNECTIONS,
        REQUESTS / scale
    );
    let floor = floor::start().await;
    let bare = rate(&floor, REQUESTS / scale, || get("/")).await;
    print_rate("bare server", bare, bare);
    let emulator = start(usize::MAX, Duration::ZERO).await;
    let address = address_of(&emulator);
    let submit_rate = rate(&address, REQUESTS / scale, submit).await;
    print_rate("submit", submit_rate, bare);
    let id = submitted(&address).await;
    let status = format!("/queue/fal-ai/kling-video/requests/{id}/status?logs=1");
    print_rate("status", rate(&address, REQUESTS / scale, move || get(&status)).await, bare);
    let result = format!("/queue/fal-ai/kling-video/requests/{id}");
    print_rate("result", rate(&address, REQUESTS / scale, move || get(&result)).await, bare);
    drop(emulator);
    streams::measure(STREAMS / scale, REQUESTS / scale, bare).await;
}

/// An emulator without rendering, and without disk.
async fn start(runners: usize, inference_time: Duration) -> Emulator {
    let builder = Emulator::builder().pace(Pace::Fast).rendering(false);
    builder.runners(runners).inference_time(inference_time).start().await.expect("starts")
}

fn address_of(emulator: &Emulator) -> String {
    emulator.urls().queue.trim_start_matches("http://").trim_end_matches("/queue").to_owned()
}

fn get(path: &str) -> Request<Full<bytes::Bytes>> {
    request("GET", path, String::new())
}

fn submit() -> Request<Full<bytes::Bytes>> {
    let input = json!({ "prompt": "slow push in over the bay at dawn", "image_url": "data:image/png;base64,AAAA" });
    request("POST", &format!("/queue/{ENDPOINT}"), input.to_string())
}

fn request(method: &str, path: &str, body: String) -> Request<Full<bytes::Bytes>> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1")
        .header("authorization", "Key id:secret")
        .body(Full::from(body))
        .expect("is a request")
}

async fn submitted(address: &str) -> String {
    let answer = Client::connect(address).await.send(submit()).await;
    let answer: Value = serde_json::from_slice(&answer).expect("is JSON");
    answer["request_id"].as_str().expect("has one").to_owned()
}

/// Requests per second, over many connections.
async fn rate(
    address: &str,
    requests: usize,
    make: impl Fn() -> Request<Full<bytes::Bytes>> + Clone + Send + 'static,
) -> f64 {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(address).await);
    }
    let each = (requests / CONNECTIONS).max(1);
    let begun = tokio::time::Instant::now();
    let mut senders = tokio::task::JoinSet::new();
    for mut client in clients {
        let make = make.clone();
        senders.spawn(async move {
            for _ in 0..each {
                client.send(make()).await;
            }
        });
    }
    senders.join_all().await;
    (each * CONNECTIONS) as f64 / begun.elapsed().as_secs_f64()
}

fn print_rate(name: &str, rate: f64, bare: f64) {
    println!("  {name:<24} {rate:>9.0} per second   {:>5.2} of a bare server", rate / bare);
}
