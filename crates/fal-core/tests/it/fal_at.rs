//! Clients pointed at a server of the test.

use std::sync::Arc;
use std::time::Duration;

use fal_core::{
    Credentials, EndpointId, FalApi, FalClient, FalConfig, HostClass, Hosts, HttpTransport, RequestHandle, RetryPolicy,
    Timeouts,
};
use serde_json::{Value, json};

/// The key of all tests.
pub(crate) const KEY: &str = "key-id:s3cret";

/// Three attempts almost at once.
pub(crate) const QUICK: RetryPolicy = RetryPolicy {
    max_attempts: 3,
    initial_delay: Duration::from_millis(1),
    factor: 1.0,
    max_delay: Duration::from_millis(1),
    jitter: false,
    deadline: Duration::from_secs(60),
};

/// The defaults without jitter.
pub(crate) const STEADY: RetryPolicy = RetryPolicy {
    max_attempts: 3,
    initial_delay: Duration::from_secs(1),
    factor: 2.0,
    max_delay: Duration::from_secs(60),
    jitter: false,
    deadline: Duration::from_secs(180),
};

/// fal itself, with all defaults.
pub(crate) fn config_of_fal() -> FalConfig {
    FalConfig::new(Credentials::key(KEY).unwrap())
}

/// All of fal at one address, without a breaker: each call is seen by itself, whatever became of the one before.
pub(crate) fn config(base: &str) -> FalConfig {
    use HostClass::{Cdn, Platform, Queue, Rest, Run, Site};
    let classes = [Queue, Run, Rest, Cdn, Platform, Site];
    let hosts = classes.into_iter().fold(Hosts::default(), |hosts, class| hosts.with(class, base).unwrap());
    config_of_fal().with_hosts(hosts).with_retry(QUICK).with_breaker(None)
}

pub(crate) fn client(base: &str) -> FalClient {
    FalClient::new(config(base)).unwrap()
}

/// A client that waits `call` for an answer and `read_idle` for the next bytes of a file.
pub(crate) fn impatient(base: &str, call: Duration, read_idle: Duration) -> FalClient {
    let timeouts = Timeouts { call, read_idle, ..Timeouts::default() };
    FalClient::new(config(base).with_timeouts(timeouts)).unwrap()
}

/// A client of fal itself over another transport.
pub(crate) fn over(transport: &Arc<impl HttpTransport + 'static>, retry: RetryPolicy) -> FalClient {
    over_with(transport, config_of_fal().with_retry(retry))
}

pub(crate) fn over_with(transport: &Arc<impl HttpTransport + 'static>, config: FalConfig) -> FalClient {
    FalClient::with_transport(config, Arc::clone(transport) as Arc<dyn HttpTransport>)
}

pub(crate) fn endpoint() -> EndpointId {
    "fal-ai/kling-video/v2.1/standard/image-to-video".parse().unwrap()
}

/// The handle of an accepted request.
pub(crate) fn accepted(client: &FalClient) -> RequestHandle {
    client.handle(&endpoint(), "r-1").unwrap()
}

pub(crate) fn input() -> Value {
    json!({ "prompt": "slow zoom in", "image_url": "https://example.com/still.png", "duration": "5" })
}
