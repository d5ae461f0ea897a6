//! What is measured: how many generations, how many at a time, and what goes wrong.

use std::time::Duration;

use fal_emulator::{Emulator, Fault, FaultRule, Pace};

use crate::task::{KEY, Task};

/// One column of tests: the same task for every contender, each against a new emulator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) generations: usize,
    pub(crate) concurrency: usize,
    /// How likely the reply to a submit is lost, after it was accepted.
    pub(crate) lost_replies: f64,
}

/// A request is in progress for 0.5 s to 1.5 s, spread evenly. There is a runner for each, so that nobody waits in line.
const INFERENCE: Duration = Duration::from_millis(500);
const SPREAD: Duration = Duration::from_secs(1);
/// Who is not done by then is stopped.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);
/// Which replies are lost: the n-th submit of every contender has the same luck.
const SEED: u64 = 7;

/// All that there is to know of a run.
pub(crate) const FULL: &[Case] = &[
    Case { generations: 200, concurrency: 50, lost_replies: 0.0 },
    Case { generations: 2000, concurrency: 50, lost_replies: 0.0 },
    Case { generations: 2000, concurrency: 1000, lost_replies: 0.0 },
    Case { generations: 500, concurrency: 50, lost_replies: 0.05 },
];
/// Subscriptions at once in one process.
pub(crate) const SUBSCRIPTIONS: usize = 10_000;

/// To see that all works, in half a minute.
pub(crate) const SMALL: &[Case] = &[
    Case { generations: 50, concurrency: 10, lost_replies: 0.0 },
    Case { generations: 50, concurrency: 10, lost_replies: 0.05 },
];
pub(crate) const FEW_SUBSCRIPTIONS: usize = 200;

impl Case {
    /// An emulator with HTTP/2 over TLS that renders nothing, so that it costs as little as possible beside the contender.
    pub(crate) async fn emulator(&self) -> Emulator {
        let builder = Emulator::builder().api_key(KEY).https(true).pace(Pace::Fast).rendering(false);
        let builder = builder.runners(usize::MAX).inference_time(INFERENCE).inference_spread(SPREAD);
        let lost = FaultRule::new(Fault::ReplyLost).probability(self.lost_replies);
        builder.seed(SEED).fault(lost).start().await.expect("starts")
    }

    /// Whether it is about money rather than costs.
    pub(crate) fn loses_replies(&self) -> bool {
        0.0 < self.lost_replies
    }

    pub(crate) fn task(&self, emulator: &Emulator) -> Task {
        task(emulator, self.generations, self.concurrency)
    }
}

/// An emulator in which all requests but one wait in line for ever.
pub(crate) async fn standing_line() -> Emulator {
    let builder = Emulator::builder().api_key(KEY).https(true).pace(Pace::Fast).rendering(false);
    builder.runners(1).inference_time(Duration::from_secs(86_400)).start().await.expect("starts")
}

pub(crate) fn task(emulator: &Emulator, generations: usize, concurrency: usize) -> Task {
    let url = format!("https://{}", emulator.address());
    let authority = emulator.ca_file().expect("speaks TLS").to_owned();
    Task { generations, concurrency, url, authority }
}
