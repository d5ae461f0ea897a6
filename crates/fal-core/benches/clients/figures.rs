//! What a contest came to: what the contender said, what it used, and what the emulator counted.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use fal_emulator::{Emulator, HostClass, RecordedRequest};

use crate::contest::Contest;
use crate::line::Line;
use crate::task::{Task, prompt};

/// The figures of one contender in one case.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    pub(crate) name: String,
    pub(crate) generations: usize,
    /// Generations whose video it has.
    pub(crate) videos: usize,
    pub(crate) is_done: bool,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// Bytes, from the start of the program on.
    pub(crate) peak_memory: u64,
    pub(crate) connections: usize,
    pub(crate) requests: BTreeMap<Kind, usize>,
    /// From the end of a request by the emulator's clock to the time at which the contender knew of it, shortest first.
    pub(crate) notices: Vec<Duration>,
    pub(crate) money: Money,
    /// Why it gave generations up, one for each.
    pub(crate) failures: Vec<String>,
}

/// What was paid, and for what.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Money {
    /// Submits that the emulator accepted.
    pub(crate) accepted: usize,
    /// Submits that were paid beyond the first one for the same generation.
    pub(crate) twice: usize,
    /// Generations that the contender gave up although they were paid for.
    pub(crate) lost: usize,
    /// Generations that the contender gave up without having paid.
    pub(crate) unpaid: usize,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Submit,
    Stream,
    Status,
    Result,
    Download,
    Other,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Submit, Self::Stream, Self::Status, Self::Result, Self::Download, Self::Other];

    fn of(request: &RecordedRequest) -> Self {
        let path = request.path_and_query.split('?').next().unwrap_or_default().trim_end_matches('/');
        match (request.host_class, request.method.as_str()) {
            (HostClass::Queue, "POST") => Self::Submit,
            (HostClass::Queue, "GET") if path.ends_with("/status/stream") => Self::Stream,
            (HostClass::Queue, "GET") if path.ends_with("/status") => Self::Status,
            (HostClass::Queue, "GET") => Self::Result,
            (HostClass::Cdn, "GET") => Self::Download,
            _ => Self::Other,
        }
    }
}

impl Figures {
    pub(crate) fn of(contest: Contest, task: &Task, emulator: &Emulator) -> Self {
        let mut requests = BTreeMap::new();
        for request in emulator.requests() {
            *requests.entry(Kind::of(&request)).or_default() += 1;
        }
        Self {
            generations: task.generations,
            videos: contest.lines.iter().filter(|line| matches!(line, Line::Video { .. })).count(),
            requests,
            notices: notices(&contest.lines, emulator),
            money: money(&contest.lines, emulator),
            failures: failures(&contest.lines),
            cpu: contest.after.cpu.saturating_sub(contest.before.cpu),
            peak_memory: contest.after.peak_memory,
            name: contest.name,
            is_done: contest.is_done,
            wall: contest.wall,
            connections: contest.connections,
        }
    }

    /// Of a kind, for each video that it has.
    pub(crate) fn requests_per_video(&self, kind: Kind) -> f64 {
        self.requests.get(&kind).copied().unwrap_or_default() as f64 / self.videos as f64
    }

    pub(crate) fn all_requests_per_video(&self) -> f64 {
        Kind::ALL.into_iter().map(|kind| self.requests_per_video(kind)).sum()
    }

    /// Milliseconds for each video that it has.
    pub(crate) fn cpu_per_video(&self) -> f64 {
        1000.0 * self.cpu.as_secs_f64() / self.videos as f64
    }

    /// Milliseconds within which this share of all ends was noticed: the nearest rank.
    pub(crate) fn notice(&self, share: f64) -> f64 {
        let rank = (share * self.notices.len() as f64).ceil().max(1.0) as usize;
        self.notices.get(rank - 1).map_or(f64::NAN, |notice| 1000.0 * notice.as_secs_f64())
    }
}

fn notices(lines: &[Line], emulator: &Emulator) -> Vec<Duration> {
    let charges = emulator.ledger().charges().into_iter();
    let ended: HashMap<_, _> = charges.filter_map(|charge| Some((charge.request_id, charge.ended_at?))).collect();
    let waited = |line: &Line| {
        let Line::Noticed { request_id, at } = line else { return None };
        let ended = ended.get(request_id).expect("only what has ended is noticed").as_microsecond();
        // Two clocks in two processes may differ by some microseconds.
        Some(Duration::from_micros(u64::try_from(at - ended).unwrap_or_default()))
    };
    let mut notices: Vec<_> = lines.iter().filter_map(waited).collect();
    notices.sort_unstable();
    notices
}

fn failures(lines: &[Line]) -> Vec<String> {
    let why = |line: &Line| if let Line::Failed { why, .. } = line { Some(why.clone()) } else { None };
    lines.iter().filter_map(why).collect()
}

fn money(lines: &[Line], emulator: &Emulator) -> Money {
    let ledger = emulator.ledger();
    let twice = ledger.duplicates().iter().map(|charges| charges.len() - 1).sum();
    let mut money = Money { accepted: ledger.charges().len(), twice, ..Money::default() };
    for line in lines {
        let Line::Failed { generation, .. } = line else { continue };
        let prompt = prompt(*generation);
        let is_paid = !ledger.charges_for_input(|input| input["prompt"] == prompt.as_str()).is_empty();
        if is_paid { money.lost += 1 } else { money.unpaid += 1 }
    }
    money
}
