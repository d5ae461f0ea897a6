//! A bar while waiting: upload, queue position, percent, download. On standard error, and only on a terminal; elsewhere
//! one line for each stage.

use std::cell::Cell;
use std::time::Duration;

use indicatif::{ProgressDrawTarget, ProgressStyle};
use videogen::domain::GenerationState;
use videogen::service::TransferProgress;
use videogen::{QueuedTask, TaskStatus};

use super::human::{megabytes, note};

/// The bar's scale: tenths of a percent.
const FULL: u64 = 1000;

/// A bar while waiting.
#[derive(Debug)]
pub(crate) struct ProgressBar {
    bar: indicatif::ProgressBar,
    stage: Cell<&'static str>,
    accepted: Cell<bool>,
}

impl ProgressBar {
    /// A bar; `accepted` says whether the user knows the request id already.
    pub(crate) fn new(accepted: bool) -> Self {
        let bar = indicatif::ProgressBar::with_draw_target(Some(FULL), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} [{bar:30}] {elapsed}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, stage: Cell::default(), accepted: Cell::new(accepted) }
    }

    /// Shows how far a task is.
    pub(crate) fn show(&self, task: &QueuedTask) {
        // The request id stays on the screen: it is worth money.
        if let Some(request_id) = task.request_id.as_deref().filter(|_| !self.accepted.replace(true)) {
            self.say(&format!("Accepted as request {request_id}."));
        }
        let (stage, detail, done) = stage(task);
        if self.stage.replace(stage) != stage && self.bar.is_hidden() {
            note(&format!("{stage}."));
        }
        self.bar.set_message(format!("{stage}{detail}"));
        self.bar.set_position(done);
    }

    /// Prints a line above the bar.
    pub(crate) fn say(&self, line: &str) {
        if self.bar.is_hidden() { note(line) } else { self.bar.println(line) }
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// The stage, what is known of it, and how full the bar is.
fn stage(task: &QueuedTask) -> (&'static str, String, u64) {
    match (task.state, task.transfer) {
        (GenerationState::Planned, Some(TransferProgress::Uploading)) => ("Uploading the picture", String::new(), 0),
        (GenerationState::Planned, _) => ("Preparing", String::new(), 0),
        (GenerationState::Ready | GenerationState::Submitting, _) => ("Submitting", String::new(), 0),
        (GenerationState::Submitted, _) if task.status == TaskStatus::Queued => {
            let ahead = task.queue_position.map_or_else(String::new, |position| format!(", {position} ahead"));
            ("Waiting in fal's queue", ahead, 0)
        }
        (GenerationState::Submitted, _) => {
            let percent = task.progress_percentage;
            let detail = percent.map_or_else(String::new, |percent| format!(", {percent:.0} %"));
            ("Generating", detail, (percent.unwrap_or_default() * 10.0) as u64)
        }
        (GenerationState::Generated, Some(TransferProgress::Downloading { received, total })) => {
            let total_bytes = total.unwrap_or(received).max(1);
            let of = total.map_or_else(String::new, |total| format!(" of {}", megabytes(total)));
            let detail = format!(", {}{of}", megabytes(received));
            ("Downloading the video", detail, (received.min(total_bytes) * FULL) / total_bytes)
        }
        (GenerationState::Generated, _) => ("Downloading the video", String::new(), 0),
        _ => ("Finishing", String::new(), FULL),
    }
}
