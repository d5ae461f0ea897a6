//! One JSON object for a program. Its fields are described in the README and stay.
#![expect(clippy::print_stdout, reason = "printing is what this file is for")]

use serde::Serialize;
use videogen::domain::GenerationPlan;
use videogen::{CostEstimate, ErrorView, FailureKind, Provider, TaskStatus, Usd};

use crate::outcome::{Outcome, Report};

#[derive(Default, Serialize)]
struct Object {
    status: &'static str,
    #[serde(flatten)]
    task: Option<TaskObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    plan: Option<PlanObject>,
}

/// What clips would cost.
#[derive(Serialize)]
struct PlanObject {
    estimate_usd: Option<String>,
    clips: Vec<ClipObject>,
}

#[derive(Serialize)]
struct ClipObject {
    model: String,
    duration_seconds: Option<u32>,
    estimate_usd: Option<String>,
}

#[derive(Serialize)]
struct TaskObject {
    #[serde(flatten)]
    video: Option<VideoObject>,
    task_id: String,
    model: String,
    request_id: Option<String>,
    duration_seconds: Option<u32>,
    elapsed_seconds: f64,
    estimate_usd: Option<String>,
    billed_usd: Option<String>,
    provider: &'static str,
    upload_cached: Option<bool>,
    /// Set when the same had been made before: nothing was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    reused_request_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mismatches: Vec<String>,
    /// Set when the bill is higher than was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm: Option<String>,
}

#[derive(Serialize)]
struct VideoObject {
    file: String,
    sidecar: String,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced: Option<String>,
}

/// Prints the end of a command.
pub(crate) fn print(outcome: &Outcome) {
    // Texts, numbers and lists: writing them cannot fail.
    println!("{}", serde_json::to_string(&object(outcome)).unwrap_or_default());
}

fn object(outcome: &Outcome) -> Object {
    let refused = |error| Object { status: "refused", error: Some(error), ..Object::default() };
    match outcome {
        Outcome::NotSetUp(error) => {
            refused(ErrorView::new(FailureKind::Configuration.name(), error.to_string(), error.advice()))
        }
        Outcome::Refused(violations) => refused(ErrorView::from(violations)),
        Outcome::NotTakenIn(failure) => refused(ErrorView::from(failure)),
        Outcome::Planned { videos, estimate } => {
            Object { status: "planned", plan: Some(planned(videos, *estimate)), ..Object::default() }
        }
        Outcome::Cancelled(_, outcome) => Object { status: outcome.name(), ..Object::default() },
        Outcome::Discarded(_) => Object { status: "discarded", ..Object::default() },
        Outcome::Unexpected(message) => refused(ErrorView::new("unexpected", message, "Try again.")),
        Outcome::Ended(report) => ended(report, report.task.failure.as_ref().map(ErrorView::from)),
        Outcome::TimeIsOver(report, waited) => ended(
            report,
            report.task.failure.as_ref().map(|failure| {
                let mut error = ErrorView::from(failure);
                error.kind = "timed_out";
                error.message = format!("it is not done after {} s; {}", waited.as_secs_f64(), failure.message);
                error
            }),
        ),
    }
}

fn planned(videos: &[GenerationPlan], estimate: CostEstimate) -> PlanObject {
    let usd = |estimate: CostEstimate| estimate.upper_bound().map(|cost| cost.dollars().to_string());
    let clips = videos.iter().map(|clip| ClipObject {
        model: clip.model_id.clone(),
        duration_seconds: clip.duration_seconds,
        estimate_usd: usd(clip.estimate),
    });
    PlanObject { estimate_usd: usd(estimate), clips: clips.collect() }
}

fn ended(report: &Report, error: Option<ErrorView>) -> Object {
    let status = match report.task.status {
        TaskStatus::Completed => "completed",
        TaskStatus::Failed => "failed",
        TaskStatus::Cancelled => "cancelled",
        _ => "held",
    };
    Object { status, task: Some(task(report)), error, resume: report.resume_command(), ..Object::default() }
}

fn task(report: &Report) -> TaskObject {
    let task = &report.task;
    let dollars = |amount: Usd| amount.dollars().to_string();
    TaskObject {
        video: task.video.as_ref().map(|video| VideoObject {
            file: video.location.clone(),
            sidecar: format!("{}.json", video.location),
            bytes: video.bytes,
            replaced: video.replaced.clone(),
        }),
        task_id: task.id.to_string(),
        model: task.model_id.clone(),
        request_id: task.request_id.clone(),
        duration_seconds: task.duration_seconds,
        elapsed_seconds: report.elapsed.as_secs_f64(),
        estimate_usd: task.estimate.upper_bound().map(dollars),
        billed_usd: task.billed.map(dollars),
        provider: match report.provider {
            Provider::Fal => "fal",
            Provider::BuiltInEmulator { .. } => "emulator",
            _ => "elsewhere",
        },
        upload_cached: task.upload_cached,
        reused_request_id: task.reused_request_id.clone(),
        mismatches: task.mismatches.clone(),
        alarm: task.deviation.map(|deviation| deviation.to_string()),
    }
}
