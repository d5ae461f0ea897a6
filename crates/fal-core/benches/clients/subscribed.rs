//! What many subscriptions in one process cost, seen from outside.

use std::time::Duration;

use crate::case::{LIMIT, standing_line, task};
use crate::contender::Contender;
use crate::contest;

/// The figures.
#[derive(Debug)]
pub(crate) struct Subscribed {
    pub(crate) name: String,
    pub(crate) subscriptions: usize,
    /// Until each had told a status.
    pub(crate) wall: Duration,
    /// Bytes that the process holds more than before, for each subscription.
    pub(crate) memory_each: f64,
    /// Milliseconds on the processors, for each subscription.
    pub(crate) cpu_each: f64,
    pub(crate) connections: usize,
}

/// Has them opened on requests that wait in line.
pub(crate) async fn measure(subscriptions: usize) -> Subscribed {
    let emulator = standing_line().await;
    let task = task(&emulator, subscriptions, subscriptions);
    let contest = contest::hold(&Contender::ours("subscriptions"), &task, LIMIT).await;
    assert!(contest.is_done, "not all subscriptions told a status within {LIMIT:?}");
    let each = |amount: f64| amount / subscriptions as f64;
    Subscribed {
        name: contest.name,
        subscriptions,
        wall: contest.wall,
        memory_each: each(contest.after.memory.saturating_sub(contest.before.memory) as f64),
        cpu_each: each(1000.0 * contest.after.cpu.saturating_sub(contest.before.cpu).as_secs_f64()),
        connections: contest.connections,
    }
}
