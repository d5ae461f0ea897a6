//! One JSON object for a program. Its fields are described in the README and stay.
#![expect(clippy::print_stdout, reason = "printing is what this file is for")]

use serde::Serialize;
use videogen::domain::Recovery;
use videogen::{Failure, FailureKind, Provider, TaskStatus, Usd, Violations};

use crate::outcome::{Outcome, Report};

#[derive(Default, Serialize)]
struct Object {
    status: &'static str,
    #[serde(flatten)]
    task: Option<TaskObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<String>,
}

#[derive(Serialize)]
struct TaskObject {
    #[serde(flatten)]
    video: Option<VideoObject>,
    model: String,
    request_id: Option<String>,
    duration_seconds: Option<u32>,
    elapsed_seconds: f64,
    estimate_usd: Option<String>,
    billed_usd: Option<String>,
    provider: &'static str,
    upload_cached: Option<bool>,
}

#[derive(Serialize)]
struct VideoObject {
    file: String,
    sidecar: String,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced: Option<String>,
}

#[derive(Serialize)]
struct ErrorObject {
    kind: &'static str,
    message: String,
    advice: String,
    recovery: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    violations: Vec<ViolationObject>,
}

#[derive(Serialize)]
struct ViolationObject {
    field: String,
    code: &'static str,
    message: String,
    allowed: Vec<String>,
    suggestion: Option<String>,
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
            refused(simple(FailureKind::Configuration.name(), error.to_string(), error.advice()))
        }
        Outcome::Refused(violations) => refused(mistakes(violations)),
        Outcome::NotAdopted(failure) => refused(error(failure)),
        Outcome::Unexpected(message) => refused(simple("unexpected", message.clone(), "Try again.".to_owned())),
        Outcome::Ended(report) => Object {
            status: match report.task.status {
                TaskStatus::Completed => "completed",
                TaskStatus::Failed => "failed",
                _ => "held",
            },
            task: Some(task(report)),
            error: report.task.failure.as_ref().map(error),
            resume: report.resume_command(),
        },
    }
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
    }
}

fn error(failure: &Failure) -> ErrorObject {
    ErrorObject {
        recovery: failure.recovery.name(),
        field: failure.field.clone(),
        ..simple(failure.kind.name(), failure.message.clone(), failure.advice.clone())
    }
}

fn mistakes(violations: &Violations) -> ErrorObject {
    let violations = violations.iter().map(|violation| ViolationObject {
        field: violation.field.clone(),
        code: violation.code.name(),
        message: violation.message.clone(),
        allowed: violation.allowed.clone(),
        suggestion: violation.suggestion.clone(),
    });
    let advice = "Correct the fields that are listed; nothing was sent.".to_owned();
    let message = "the request has mistakes".to_owned();
    ErrorObject { violations: violations.collect(), ..simple(FailureKind::InvalidRequest.name(), message, advice) }
}

fn simple(kind: &'static str, message: String, advice: String) -> ErrorObject {
    ErrorObject { kind, message, advice, recovery: Recovery::Never.name(), field: None, violations: Vec::new() }
}
