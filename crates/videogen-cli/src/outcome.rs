//! How a command ended, before anybody is told.

use std::path::PathBuf;
use std::time::Duration;

use videogen::domain::{CostEstimate, GenerationPlan};
use videogen::queue::CancelOutcome;
use videogen::{Failure, FailureKind, Provider, QueuedTask, TaskId, TaskStatus, Violations};

/// How a command ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The parts could not be put together. Nothing was sent.
    NotSetUp(videogen::Error),
    /// The request has mistakes. Nothing was sent.
    Refused(Violations),
    /// It cannot be taken in: over budget, or not to be picked up. Nothing was sent.
    NotTakenIn(Failure),
    /// The task ended, or stands still.
    Ended(Box<Report>),
    /// The time for which it is waited is over, and the task is not at its end. It goes on at fal if it was accepted.
    TimeIsOver(Box<Report>, Duration),
    /// It was checked and priced, and is not made, as asked for.
    Planned {
        /// The plans of all videos.
        videos: Vec<GenerationPlan>,
        /// What they cost together.
        estimate: CostEstimate,
    },
    /// The task was given up, as asked for.
    Discarded(TaskId),
    /// What became of the wish to cancel a task.
    Cancelled(TaskId, CancelOutcome),
    /// Something that should not happen.
    Unexpected(String),
}

impl Outcome {
    /// Whether there is a video.
    pub(crate) fn is_completed(&self) -> bool {
        matches!(self, Self::Ended(report) if report.task.status == TaskStatus::Completed)
    }
}

/// A task at its end, and what belongs to it.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) task: QueuedTask,
    pub(crate) provider: Provider,
    pub(crate) output: Option<PathBuf>,
    pub(crate) elapsed: Duration,
}

impl Report {
    pub(crate) fn new(task: QueuedTask, provider: Provider, output: Option<PathBuf>, elapsed: Duration) -> Self {
        Self { task, provider, output, elapsed }
    }

    /// The command that picks the request up again; none where there is nothing to pick up.
    pub(crate) fn resume_command(&self) -> Option<String> {
        let suspected = || self.task.failure.as_ref()?.request_id.as_deref();
        let request_id = self.task.request_id.as_deref().or_else(suspected)?;
        let gone = self.provider == Provider::BuiltInEmulator { persistent: false };
        if self.task.state.is_final() || gone {
            return None;
        }
        // As it was typed, so that it works where it was typed.
        let program = std::env::args().next().unwrap_or_else(|| "videogen".to_owned());
        let mut command = format!("{} resume {request_id} --model {}", quoted(&program), quoted(&self.task.model_id));
        if let Some(output) = &self.output {
            command.push_str(&format!(" --output {}", quoted(&output.display().to_string())));
        }
        Some(command)
    }

    /// Whether it was stopped: by Ctrl-C, or because the time is over.
    pub(crate) fn is_stopped(&self) -> bool {
        self.task.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Stopped)
    }
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:+,@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_survives_the_shell() {
        for (word, shown) in [("a.mp4", "a.mp4"), ("my film.mp4", "'my film.mp4'"), ("it's", r"'it'\''s'"), ("", "''")]
        {
            assert_eq!(quoted(word), shown);
        }
    }
}
