//! Many subscriptions in one process: so many requests that wait in line, and the status of each followed.

use fal_core::{FalApi, FalClient, RequestHandle};
use futures::future::join_all;

use crate::ours::{client, endpoint};
use crate::task::{Task, contend, input};

/// Submits all requests, and then, when the driver has looked at this process, opens all subscriptions at once.
pub(crate) async fn run(task: Task) {
    let client = client(&task);
    let mut requests = Vec::with_capacity(task.generations);
    for generation in 0..task.generations {
        requests.push(client.submit(&endpoint(), &input(generation)).await.expect("is accepted"));
    }
    let mut open = Vec::with_capacity(task.generations);
    let subscribe = async {
        let subscriptions = requests.iter().map(|request| subscribed(&client, request));
        open.extend(join_all(subscriptions).await);
    };
    contend("fal-core, subscriptions", subscribe).await;
    drop(open);
}

// PLACEHOLDER until `client.watch(&request)` is there: asks once, and keeps nothing open.
async fn subscribed(client: &FalClient, request: &RequestHandle) -> fal_core::QueueStatus {
    client.status(request).await.expect("is known")
}
