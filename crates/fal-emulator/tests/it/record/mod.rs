//! Recording in front of a host, and replaying without one.

mod bodies;
mod damage;
mod events;
mod forwarding;
mod generation;
mod matching;
#[cfg(feature = "program")]
mod program;
mod raw_host;
mod secrets;

use std::path::Path;

use axum::Router;
use fal_emulator::record::{Recorder, Replay, Upstreams};
use fal_emulator::{HostClass, Pace};
use serde_json::Value;

/// Serves these routes until the test ends, and gives their base URL.
async fn served(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let address = listener.local_addr().expect("is bound");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

/// A recorder with this host as the queue and as the CDN.
async fn recorder(host: &str, folder: &Path) -> Recorder {
    let upstream = Upstreams::fal().with(HostClass::Queue, host).with(HostClass::Cdn, format!("{host}/cdn"));
    Recorder::builder().upstream(upstream).folder(folder).start().await.expect("starts")
}

async fn replay(folder: &Path) -> Replay {
    Replay::builder().folder(folder).pace(Pace::Fast).start().await.expect("starts")
}

/// All exchanges of a recording, in order.
fn exchanges(folder: &Path) -> Vec<Value> {
    let mut files: Vec<_> = folder.read_dir().expect("is there").map(|entry| entry.expect("is read").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |path| serde_json::from_slice(&std::fs::read(path).expect("is read")).expect("is JSON");
    files.iter().map(read).collect()
}
