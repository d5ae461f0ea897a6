//! Lines for whoever runs the program: on standard error.
#![expect(clippy::print_stderr, reason = "printing is what this file is for")]

use std::error::Error;
use std::time::Duration;

use videogen::{Provider, Videogen};

/// How often it is looked for what programs leave that end.
const LOOK_AFTER: Duration = Duration::from_secs(10);

/// One line.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// An error and its causes on one line.
pub(crate) fn trouble(error: &dyn Error) {
    say(&format!("{}.", videogen::error_chain(error)));
}

/// Lets tasks go on that a program has left that ended, and says how many; from now on without a word.
pub(crate) async fn recovered(videogen: &Videogen) {
    match videogen.queue().recover().await {
        Ok(tasks) if tasks.is_empty() => {}
        Ok(tasks) => say(&format!("Tasks of a program that has ended go on: {}.", tasks.len())),
        Err(error) => trouble(&error),
    }
    videogen.queue().tend(LOOK_AFTER);
}

/// What has been accepted and not fetched, with the command that fetches it: it is worth money.
pub(crate) fn unfinished(videogen: &Videogen) {
    if videogen.provider() == (Provider::BuiltInEmulator { persistent: false }) {
        return;
    }
    for task in videogen.queue().unfinished() {
        if let Some(request_id) = &task.request_id {
            say(&format!("Request {request_id} is accepted and goes on. Pick it up again, at no further cost, with:"));
            say(&format!("  videogen resume {request_id} --model {}", task.model_id));
        }
    }
}
