//! Clients of fal beside each other, against one emulator: requests, time to notice an end, CPU, memory, and money.
//!
//! `cargo xtask bench client` starts it with the official clients. What is measured, and how, is told in `docs/benchmarks.md`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod line;
mod task;

mod floor;
mod ours;
mod ours_webhooks;
mod subscriptions;

mod case;
mod contender;
mod contest;
mod figures;
mod subscribed;

mod machine;
mod plot;
mod report;
mod drive;

use contender::CONTENDER;
use task::Task;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("starts");
    runtime.block_on(async {
        match arguments.as_slice() {
            [word, name, task @ ..] if word == CONTENDER => contend(name, task).await,
            // `cargo test` runs benchmarks too, and then wants to know only that they work.
            arguments if !arguments.iter().any(|argument| argument == "--bench") => drive::smoke().await,
            arguments => drive::all(arguments).await,
        }
    });
}

/// Plays one of the contenders.
async fn contend(name: &str, task: &[String]) {
    let task = Task::read(task).expect("is a task");
    match name {
        "floor" => floor::run(task).await,
        "streams" => ours::run(task).await,
        "webhooks" => ours_webhooks::run(task).await,
        "subscriptions" => subscriptions::run(task).await,
        unknown => panic!("there is no contender {unknown}"),
    }
}
