//! What the page shows, as JSON.

use serde_json::{Value, json};

use crate::board::Bill;
use crate::faults::ActiveRule;
use crate::host_class::HostClass;
use crate::job::Job;
use crate::outcome::Outcome;
use crate::request_log::RecordedRequest;
use crate::shared::Shared;

/// How many requests and exchanges the page shows, the latest ones.
const SHOWN: usize = 100;

/// So many characters of a prompt.
const PROMPT: usize = 500;

/// Requests with their videos, the bill, the rules for faults, and the latest HTTP exchanges, newest first.
pub(super) fn overview(shared: &Shared) -> Value {
    let (jobs, total) = shared.board.latest(SHOWN, |job, position| request(shared, job, position));
    let (waiting, running) = shared.board.crowd();
    let exchanges: Vec<Value> = shared.log.latest(SHOWN, is_for_fal).iter().map(exchange).collect();
    json!({
        "requests": jobs,
        "accepted": total,
        "waiting": waiting,
        "running": running,
        "total_usd": shared.board.spent(),
        "ledger": shared.board.bills().iter().map(bill).collect::<Vec<_>>(),
        "uploads": shared.files.uploads(),
        "faults": shared.faults.rules().iter().map(rule).collect::<Vec<_>>(),
        "exchanges": exchanges,
    })
}

fn request(shared: &Shared, job: &Job, position: usize) -> Value {
    let status = match &job.outcome {
        None if job.is_queued() => "IN_QUEUE",
        None => "IN_PROGRESS",
        Some(_) => "COMPLETED",
    };
    let video = match &job.outcome {
        Some(Outcome::Video { file_id }) => shared.files.find(file_id).map(|file| format!("/emulator{}", file.path())),
        _ => None,
    };
    json!({
        "request_id": job.id,
        "endpoint_id": job.endpoint_id,
        "prompt": job.input["prompt"].as_str().map(|prompt| prompt.chars().take(PROMPT).collect::<String>()),
        "accepted_at": job.accepted_at,
        "status": status,
        "position": position,
        "attempts": job.attempts,
        "last_log": job.logs.last().map(|line| &line.message),
        "error": job.outcome.as_ref().and_then(Outcome::error).map(|(error, kind)| format!("{kind}: {error}")),
        "usd": job.price.amount,
        "video": video,
    })
}

/// The page's own requests are none of its business.
fn is_for_fal(request: &RecordedRequest) -> bool {
    request.host_class != HostClass::Other
}

fn exchange(request: &RecordedRequest) -> Value {
    json!({
        "method": request.method,
        "host": request.host_class.as_str(),
        "path": request.path_and_query,
        "status": request.status,
        "faults": request.faults,
    })
}

fn bill((endpoint_id, bill): (&String, &Bill)) -> Value {
    json!({ "endpoint_id": endpoint_id, "requests": bill.requests, "usd": bill.usd })
}

fn rule(active: &ActiveRule) -> Value {
    json!({
        "id": active.id,
        "fault": active.rule.fault().to_string(),
        "matched": active.matched,
        "hits": active.hits,
    })
}
