//! `videogen tasks`: what was asked for, and what became of it.

use std::path::Path;
use std::process::ExitCode;

use videogen::domain::ProjectId;
use videogen::queue::TaskFilter;
use videogen::{Config, QueuedTask};

use super::{not_taken_in, sources};
use crate::args::TasksArgs;
use crate::exit_code;
use crate::outcome::Outcome;
use crate::render::{human, json, tasks};

pub(crate) async fn run(args: &TasksArgs, config: Option<&Path>) -> ExitCode {
    let outcome = match list(args, config).await {
        Ok(listed) => {
            tasks::list(&listed, args.form.json);
            return ExitCode::SUCCESS;
        }
        Err(outcome) => outcome,
    };
    match args.form.json {
        true => json::print(&outcome),
        false => human::print(&outcome),
    }
    exit_code::of_all(&[outcome])
}

async fn list(args: &TasksArgs, config: Option<&Path>) -> Result<Vec<QueuedTask>, Outcome> {
    let sources = sources(config);
    let store = Config::load(&sources).map_err(videogen::Error::from).and_then(|config| config.tasks(&sources));
    let store = store.map_err(Outcome::NotSetUp)?;
    let filter = TaskFilter::default()
        .of_project(args.project.as_deref().map(ProjectId::from))
        .before(args.before.clone().map(Into::into))
        .at_most(args.limit);
    let filter = if args.unfinished { filter.unfinished() } else { filter };
    let kept = store.list(&filter).await.map_err(|error| not_taken_in(error.into()))?;
    Ok(kept.iter().map(|(id, kept)| QueuedTask::kept(id, kept)).collect())
}
