//! Tasks, for a person and for a program.
#![expect(clippy::print_stdout, reason = "printing is what this file is for")]

use serde::Serialize;
use videogen::{ErrorView, QueuedTask};

/// A task, as `--json` shows it.
#[derive(Serialize)]
struct TaskObject<'a> {
    task_id: &'a str,
    status: &'static str,
    model: &'a str,
    request_id: Option<&'a str>,
    reused_request_id: Option<&'a str>,
    duration_seconds: Option<u32>,
    estimate_usd: Option<String>,
    billed_usd: Option<String>,
    file: Option<&'a str>,
    error: Option<ErrorView>,
}

impl<'a> From<&'a QueuedTask> for TaskObject<'a> {
    fn from(task: &'a QueuedTask) -> Self {
        Self {
            task_id: task.id.as_str(),
            status: status(task),
            model: &task.model_id,
            request_id: task.request_id.as_deref(),
            reused_request_id: task.reused_request_id.as_deref(),
            duration_seconds: task.duration_seconds,
            estimate_usd: task.estimate.upper_bound().map(|cost| cost.dollars().to_string()),
            billed_usd: task.billed.map(|cost| cost.dollars().to_string()),
            file: task.video.as_ref().map(|video| video.location.as_str()),
            error: task.failure.as_ref().map(ErrorView::from),
        }
    }
}

/// One to a line, the newest first; or one JSON array.
pub(crate) fn list(tasks: &[QueuedTask], json: bool) {
    if json {
        let objects: Vec<TaskObject<'_>> = tasks.iter().map(TaskObject::from).collect();
        // Texts, numbers and lists: writing them cannot fail.
        println!("{}", serde_json::to_string(&objects).unwrap_or_default());
        return;
    }
    if tasks.is_empty() {
        println!("There are no such tasks.");
    }
    for task in tasks {
        let cost = match task.billed {
            Some(billed) => billed.to_string(),
            None => format!("{} estimated", task.estimate),
        };
        let (video, failure) = (task.video.as_ref(), task.failure.as_ref());
        let end = match (video, failure) {
            (Some(video), _) => video.location.as_str(),
            (None, Some(failure)) => failure.message.as_str(),
            (None, None) => task.request_id.as_deref().unwrap_or("not sent yet"),
        };
        println!("{}  {:<11}  {cost:>15}  {}  {end}", task.id, status(task), task.model_id);
    }
}

fn status(task: &QueuedTask) -> &'static str {
    if task.is_held() { "held" } else { task.status.name() }
}
