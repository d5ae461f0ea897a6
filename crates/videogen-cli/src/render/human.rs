//! Lines for a person.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this file is for")]

use videogen::queue::CancelOutcome;
use videogen::{FailureKind, Provider, TaskStatus, error_chain};

use crate::outcome::{Outcome, Report};

/// A line that is not the result: on standard error.
pub(crate) fn note(line: &str) {
    eprintln!("{line}");
}

/// The end of a command: the result on standard output, trouble on standard error.
pub(crate) fn print(outcome: &Outcome) {
    match outcome {
        Outcome::NotSetUp(error) => {
            note(&format!("{}.", capitalised(&error_chain(error))));
            note(&error.advice());
        }
        Outcome::Refused(violations) => {
            note("The request has mistakes; nothing was sent.");
            violations.iter().for_each(|violation| note(&format!("- {violation}.")));
        }
        Outcome::NotTakenIn(failure) => {
            note(&format!("{}.", capitalised(&failure.message)));
            note(&failure.advice);
        }
        // It was announced.
        Outcome::Planned { .. } => println!("Nothing was sent."),
        Outcome::Discarded(id) => println!("The task {id} is given up; nothing was paid."),
        Outcome::Cancelled(id, CancelOutcome::Cancelled) => {
            println!("The task {id} is cancelled; there will be no video.");
        }
        Outcome::Cancelled(id, CancelOutcome::Requested) => {
            println!("The task {id} is asked to end. It may be too late, and be billed: `videogen tasks` tells.");
        }
        Outcome::Cancelled(id, _) => note(&format!("It is too late: the task {id} has its video, or has ended.")),
        Outcome::Unexpected(message) => note(&format!("Something unexpected happened: {message}.")),
        Outcome::Ended(report) if report.task.status == TaskStatus::Completed => completed(report),
        Outcome::Ended(report) => not_completed(report),
        Outcome::TimeIsOver(report, waited) => {
            note(&format!("It is not done after {} s.", waited.as_secs_f64()));
            not_completed(report);
        }
    }
}

fn completed(report: &Report) {
    let task = &report.task;
    let Some(video) = &task.video else { return };
    println!("Video      {} ({})", video.location, megabytes(video.bytes));
    if let Some(replaced) = &video.replaced {
        println!("Before     the file that was there is now {replaced}");
    }
    if let Some(seconds) = task.duration_seconds {
        let made = format!(", made in {:.1} s", report.elapsed.as_secs_f64());
        println!("Length     {seconds} s{}", if task.reused_request_id.is_none() { &made } else { "" });
    }
    for mismatch in &task.mismatches {
        println!("Not asked  {mismatch}; it was billed, and is kept");
    }
    if task.upload_cached == Some(true) {
        println!("Picture    was at fal already; nothing was uploaded");
    }
    if let Some(request_id) = &task.reused_request_id {
        println!("Cost       none: the same was made before, by the request {request_id} (--fresh makes a new one)");
        return;
    }
    let billed = task.billed.map_or_else(|| "unknown".to_owned(), |billed| billed.to_string());
    // Of a request that was picked up by its id, only the bill is known.
    let estimated = task.estimate.upper_bound().map_or_else(String::new, |cost| format!("{cost} estimated, "));
    let free = match report.provider {
        Provider::BuiltInEmulator { .. } => " (by the emulator's prices; nothing was charged)",
        _ => "",
    };
    println!("Cost       {estimated}{billed} billed{free}");
    if let Some(deviation) = &task.deviation {
        println!("Alarm      {deviation}; look at the model's price before the next one");
    }
    println!("Request    {}", task.request_id.as_deref().unwrap_or("unknown"));
}

fn not_completed(report: &Report) {
    let task = &report.task;
    if let Some(failure) = &task.failure
        && failure.kind != FailureKind::Stopped
    {
        note(&format!("{}.", capitalised(failure.message.trim_end_matches('.'))));
        note(&failure.advice);
    }
    match (&task.request_id, report.resume_command()) {
        (None, command) if task.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Unconfirmed) => {
            command.iter().for_each(|command| note(&format!("  {command}")));
            if command.is_none() {
                note(&format!("If it is there:     videogen resume REQUEST_ID --task {}", task.id));
            }
            note(&format!("If it is not there: videogen discard {}", task.id));
        }
        (None, _) => note(if report.is_stopped() {
            "Stopped before anything was sent; nothing was paid."
        } else {
            "Nothing was paid."
        }),
        (Some(id), Some(command)) => {
            note(&format!("Request {id} is accepted and goes on. Pick it up again, at no further cost, with:"));
            note(&format!("  {command}"));
        }
        (Some(id), None) if !task.state.is_final() => {
            note(&format!(
                "Request {id} has ended with the built-in emulator; nothing was charged. Run the command again."
            ));
        }
        (Some(id), None) => note(&format!("Request {id}.")),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
