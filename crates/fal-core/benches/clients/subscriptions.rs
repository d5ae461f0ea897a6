//! Many subscriptions in one process: so many requests that wait in line, each followed by a task of its own.

use fal_core::{FalApi, RequestOptions, WatchOptions};
use futures::TryStreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::ours::{client, endpoint};
use crate::task::{Task, contend, input};

/// Submits all requests, and then, once the driver has looked at this process, opens all subscriptions at once.
pub(crate) async fn run(task: Task) {
    let (client, endpoint, options) = (client(&task), endpoint(), RequestOptions::new());
    let mut requests = Vec::with_capacity(task.generations);
    for generation in 0..task.generations {
        requests.push(client.submit(&endpoint, &input(generation), &options).await.expect("is accepted"));
    }
    let (told, mut tellers) = mpsc::unbounded_channel();
    let mut open = JoinSet::new();
    let subscribe = async {
        for request in requests {
            let (mut subscription, told) = (client.resume(request, WatchOptions::default()), told.clone());
            open.spawn(async move {
                while subscription.try_next().await.expect("goes on").is_some() {
                    told.send(()).expect("is counted");
                }
            });
        }
        // Nothing moves in that line, so that each tells its status once.
        for _ in 0..task.generations {
            tellers.recv().await;
        }
    };
    contend("fal-core, subscriptions", subscribe).await;
}
