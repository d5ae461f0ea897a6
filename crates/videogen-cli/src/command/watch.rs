//! `videogen watch`: everything that happens to tasks, in whichever program.
#![expect(clippy::print_stdout, reason = "a line for each event is what this command is for")]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use futures::StreamExt;
use videogen::domain::ProjectId;
use videogen::queue::{EventFilter, TaskEvent, follow};
use videogen::{Config, EventView, TaskId};

use super::{not_taken_in, sources};
use crate::args::WatchArgs;
use crate::exit_code;
use crate::interrupt::Interrupts;
use crate::outcome::Outcome;
use crate::render::{human, json};

pub(crate) async fn run(args: &WatchArgs, config: Option<&Path>) -> ExitCode {
    let outcome = match watch(args, config).await {
        Ok(()) => return ExitCode::SUCCESS,
        Err(outcome) => outcome,
    };
    match args.form.json {
        true => json::print(&outcome),
        false => human::print(&outcome),
    }
    exit_code::of_all(&[outcome])
}

/// Tells of events until Ctrl-C, or until the task that is watched has ended.
async fn watch(args: &WatchArgs, config: Option<&Path>) -> Result<(), Outcome> {
    let sources = sources(config);
    let store = Config::load(&sources).map_err(videogen::Error::from).and_then(|config| config.tasks(&sources));
    let store = store.map_err(Outcome::NotSetUp)?;
    let unread = |error: videogen::queue::StoreError| not_taken_in(error.into());
    let task_id = args.task.clone().map(TaskId::from);
    if let Some(id) = &task_id
        && store.load(id).await.map_err(unread)?.is_none()
    {
        return Err(not_taken_in(videogen::queue::Error::UnknownTask(id.clone())));
    }
    let after = match (args.after, &task_id) {
        (Some(after), _) => after,
        // Of one task all of it.
        (None, Some(_)) => 0,
        (None, None) => store.last_event().await.map_err(unread)?,
    };
    let filter = EventFilter::default().of_task(task_id).of_project(args.project.as_deref().map(ProjectId::from));
    let mut interrupts = Interrupts::listen().map_err(|error| Outcome::Unexpected(error.to_string()))?;
    let mut told = std::pin::pin!(follow(Arc::clone(&store), after, filter));
    loop {
        let event = tokio::select! {
            () = interrupts.next() => return Ok(()),
            event = told.next() => event,
        };
        let Some(event) = event else { return Ok(()) };
        let event = event.map_err(unread)?;
        println!("{}", if args.form.json { object(&event) } else { line(&event) });
        if args.task.is_some() && is_the_end(&event) {
            return Ok(());
        }
    }
}

fn object(event: &TaskEvent) -> String {
    serde_json::to_string(&EventView::from(event)).unwrap_or_default()
}

fn line(event: &TaskEvent) -> String {
    let view = EventView::from(event);
    let mut line = format!("{:>6}  {}  {}", view.seq, view.task_id, view.event);
    let details = [
        view.request_id.map(|id| format!("request {id}")),
        view.queue_position.map(|position| format!("position {position}")),
        view.progress_percentage.map(|percent| format!("{percent:.0} %")),
        view.billed_usd.map(|billed| format!("billed ${billed}")),
        view.error.map(|error| error.message),
    ];
    for detail in details.into_iter().flatten() {
        line.push_str("  ");
        line.push_str(&detail);
    }
    line
}

/// Whether nothing happens to the task any more.
fn is_the_end(event: &TaskEvent) -> bool {
    ["settled", "reused", "failed", "cancelled"].contains(&event.event.name())
}
