//! fal-core as a contender: how it is set up, how it submits, and how it gets a video.

use std::fs;
use std::time::Duration;

use fal_core::{
    Credentials, EndpointId, Error, FalApi, FalClient, FalConfig, HostClass, Hosts, LostSubmit, Output, Recovery,
    RequestHandle, RequestOptions, Rescue, TransportConfig, WatchOptions,
};
use futures::TryStreamExt;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::task::{ENDPOINT, KEY, Task, contend, input, noticed};

/// How long a lost submit is looked for before it counts as never accepted: ten times as long as anything takes here.
pub(crate) const GRACE: Duration = Duration::from_secs(15);
/// The pause between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// The pause after what may go better later, where fal named none.
const PAUSE: Duration = Duration::from_secs(1);

/// Follows each request by a status stream.
pub(crate) async fn run(task: Task) {
    let client = client(&task);
    contend("fal-core, streams", task.run(move |_, generation| generate(client.clone(), generation))).await;
}

async fn generate(client: FalClient, generation: usize) -> Result<u64, String> {
    let request = submitted(&client, generation).await?;
    let output = finished(&client, &request).await.map_err(|error| error.to_string())?;
    downloaded(&client, &output.payload).await
}

/// A client with all defaults but the limits of calls and streams under way.
pub(crate) fn client(task: &Task) -> FalClient {
    let classes = [HostClass::Queue, HostClass::Rest, HostClass::Cdn, HostClass::Platform];
    let at = |hosts: Hosts, class: HostClass| hosts.with(class, &format!("{}/{}", task.url, class.name()));
    let hosts = classes.into_iter().try_fold(Hosts::default(), at).expect("are addresses");
    let transport = TransportConfig {
        connections: task.concurrency,
        streams: task.concurrency,
        root_certificates: Some(fs::read(&task.authority).expect("can be read")),
        ..TransportConfig::default()
    };
    let config = FalConfig::new(Credentials::key(KEY).expect("is a key")).with_hosts(hosts);
    FalClient::new(config.with_transport(transport)).expect("can be set up")
}

pub(crate) fn endpoint() -> EndpointId {
    ENDPOINT.parse().expect("is an endpoint id")
}

/// Submits, and never again before a submit whose reply was lost has been looked for.
async fn submitted(client: &FalClient, generation: usize) -> Result<RequestHandle, String> {
    let (endpoint, input, options) = (endpoint(), input(generation), RequestOptions::new());
    loop {
        let from = Timestamp::now();
        match patiently(|| client.submit(&endpoint, &input, &options)).await {
            Ok(request) => return Ok(request),
            Err(error) if error.recovery() == Recovery::Reconcile => {
                let lost = LostSubmit::new(endpoint.clone(), input.clone(), from, Timestamp::now());
                if let Some(request) = found(client, &lost).await {
                    return Ok(request);
                }
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// Looks in fal's history until the submit is there; `None` when it is not, and would have been for long.
async fn found(client: &FalClient, lost: &LostSubmit) -> Option<RequestHandle> {
    let begun = Instant::now();
    loop {
        match client.rescue(lost, Timestamp::now()).await {
            Rescue::Found(request) => return Some(request),
            Rescue::NotFound { .. } if GRACE <= begun.elapsed() => return None,
            _ => sleep(BETWEEN_LOOKS).await,
        }
    }
}

/// Calls again for as long as the error says that this costs nothing and may help.
pub(crate) async fn patiently<T, F: Future<Output = Result<T, Error>>>(call: impl Fn() -> F) -> Result<T, Error> {
    loop {
        match call().await {
            Err(error) if error.recovery() == Recovery::Later => sleep(error.retry_after().unwrap_or(PAUSE)).await,
            other => return other,
        }
    }
}

/// Follows a request to its end, and fetches its output.
async fn finished(client: &FalClient, request: &RequestHandle) -> Result<Output, Error> {
    let mut watch = client.watch(request, WatchOptions::default());
    while let Some(status) = watch.try_next().await? {
        if status.is_completed() {
            noticed(&request.request_id);
        }
    }
    patiently(|| client.result(request)).await
}

/// Reads the video to its end, from the beginning where it broke off, and gives its length.
pub(crate) async fn downloaded(client: &FalClient, output: &Value) -> Result<u64, String> {
    let url = output["video"]["url"].as_str().ok_or("the output has no video")?;
    loop {
        let download = patiently(|| client.download(url)).await.map_err(|error| error.to_string())?;
        let length = download.body.try_fold(0, async |length, piece| Ok(length + piece.len() as u64));
        if let Ok(length) = length.await {
            return Ok(length);
        }
    }
}
