//! Whole generations, as an image-to-video client makes them.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::time::Duration;

use http_body_util::BodyExt;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::Client;
use crate::emulated::{address_of, builder, get, request_url, submitted};

const GENERATIONS: usize = 20_000;
const AT_A_TIME: usize = 1000;

/// Submit, status stream to its end, result, video: over HTTP/2 with TLS, all on one connection.
pub(crate) async fn measure(scale: usize) {
    let (generations, at_a_time) = (GENERATIONS / scale, AT_A_TIME / scale);
    println!("generations  {generations}, {at_a_time} at a time, HTTP/2 over TLS, all on one connection");
    for (runners, inference_time) in [(usize::MAX, Duration::ZERO), (AT_A_TIME / 10, Duration::from_millis(10))] {
        let emulator = builder(runners, inference_time).https(true).start().await.expect("starts");
        let address = address_of(&emulator);
        let another = Client::encrypted(&address, emulator.ca_pem().expect("has one")).await;
        let begun = Instant::now();
        let mut workers = JoinSet::new();
        for _ in 0..at_a_time {
            let (mut client, base) = (another(), format!("https://{address}"));
            workers.spawn(async move {
                for _ in 0..generations / at_a_time {
                    generate(&mut client, &base).await;
                }
            });
        }
        workers.join_all().await;
        emulator.ledger().assert_charges(generations);
        let rate = generations as f64 / begun.elapsed().as_secs_f64();
        let who = if runners == usize::MAX {
            "without a line".to_owned()
        } else {
            format!("{runners} runners, {inference_time:?} each")
        };
        println!("  {who:<27} {rate:>6.0} per second");
    }
}

async fn generate(client: &mut Client, base: &str) {
    let id = submitted(client, base).await;
    let url = request_url(base, &id);
    let events = client.begin(get(&format!("{url}/status/stream?logs=1"))).await.into_body().collect().await;
    let events = String::from_utf8(events.expect("arrive").to_bytes().into()).expect("is text");
    assert!(events.contains("COMPLETED"), "{events}");
    let output: Value = serde_json::from_slice(&client.send(get(&url)).await).expect("is JSON");
    let video = client.send(get(output["video"]["url"].as_str().expect("has one"))).await;
    assert_eq!(video.len() as u64, output["video"]["file_size"].as_u64().expect("has one"));
}
