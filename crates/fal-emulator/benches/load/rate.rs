//! Requests per second.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::Client;
use crate::floor;

/// HTTP/1.1 connections, each with one request at a time.
pub(crate) const CONNECTIONS: usize = 64;

/// So many HTTP/1.1 clients.
pub(crate) async fn connections(address: &str) -> Vec<Client> {
    let mut clients = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(address).await);
    }
    clients
}

/// What the same HTTP library does alone on this machine, now.
pub(crate) async fn of_a_bare_server(requests: usize) -> f64 {
    rate(connections(&floor::start().await).await, requests, || crate::emulated::get("/")).await
}

/// Requests per second over these clients, each with one request at a time.
pub(crate) async fn rate(
    clients: Vec<Client>,
    requests: usize,
    make: impl Fn() -> Request<Full<Bytes>> + Clone + Send + 'static,
) -> f64 {
    let (count, each) = (clients.len(), (requests / clients.len()).max(1));
    let begun = Instant::now();
    let mut senders = JoinSet::new();
    for mut client in clients {
        let make = make.clone();
        senders.spawn(async move {
            for _ in 0..each {
                client.send(make()).await;
            }
        });
    }
    senders.join_all().await;
    (each * count) as f64 / begun.elapsed().as_secs_f64()
}

pub(crate) fn print(name: &str, rate: f64, bare: f64) {
    println!("  {name:<24} {rate:>9.0} per second   {:>5.2} of a bare server", rate / bare);
}
