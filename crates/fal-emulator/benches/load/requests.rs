//! Submit, status and result, over HTTP/1.1 in the clear and over HTTP/2 with TLS.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::time::Duration;

use crate::client::Client;
use crate::emulated::{address_of, builder, get, request_url, submit, submitted};
use crate::memory::resident_kb;
use crate::rate::{self, CONNECTIONS, connections, print, rate};

const REQUESTS: usize = 100_000;
/// Streams on the one HTTP/2 connection: as many generations as a busy client has under way.
const STREAMS: usize = 1000;

/// Each client has a connection of its own.
pub(crate) async fn measure(scale: usize) {
    let requests = REQUESTS / scale;
    println!("requests   {CONNECTIONS} at a time, {requests} of each, HTTP/1.1");
    let bare = rate::of_a_bare_server(requests).await;
    print("bare server", bare, bare);
    let emulator = builder(usize::MAX, Duration::ZERO).start().await.expect("starts");
    let address = address_of(&emulator);
    let before = resident_kb();
    print("submit", rate(connections(&address).await, requests, || submit("")).await, bare);
    println!("  {:.1} kB of memory for each request", (resident_kb() - before) / requests as f64);
    let id = submitted(&mut Client::connect(&address).await, "").await;
    let result = request_url("", &id);
    let status = format!("{result}/status?logs=1");
    print("status", rate(connections(&address).await, requests, move || get(&status)).await, bare);
    print("result", rate(connections(&address).await, requests, move || get(&result)).await, bare);
}

/// All share one connection, as an HTTP/2 client does.
pub(crate) async fn measure_encrypted(scale: usize) {
    let (requests, streams) = (REQUESTS / scale, STREAMS / scale);
    println!("encrypted  {streams} at a time, {requests} of each, HTTP/2 over TLS, all on one connection");
    let bare = rate::of_a_bare_server(requests).await;
    let emulator = builder(usize::MAX, Duration::ZERO).https(true).start().await.expect("starts");
    let address = address_of(&emulator);
    let base = format!("https://{address}");
    let another = Client::encrypted(&address, emulator.ca_pem().expect("has one")).await;
    let clients = || (0..streams).map(|_| another()).collect();
    let posted = base.clone();
    print("submit", rate(clients(), requests, move || submit(&posted)).await, bare);
    let result = request_url(&base, &submitted(&mut another(), &base).await);
    let status = format!("{result}/status?logs=1");
    print("status", rate(clients(), requests, move || get(&status)).await, bare);
    print("result", rate(clients(), requests, move || get(&result)).await, bare);
}
