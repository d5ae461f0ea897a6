//! `videogen project`: films in the making, and what they have cost.

use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use videogen::domain::{Project, ProjectId, Scene, SceneId, UnixMillis};
use videogen::service::{BooksError, BudgetStore, ProjectStore, SqliteBooks};
use videogen::{Config, Failure, FailureKind, error_chain};

use super::sources;
use crate::args::ProjectCommand;
use crate::exit_code;
use crate::outcome::Outcome;
use crate::render::{human, project};

pub(crate) async fn run(command: ProjectCommand, config: Option<&Path>) -> ExitCode {
    let json = match &command {
        ProjectCommand::Create { form, .. }
        | ProjectCommand::List { form }
        | ProjectCommand::Show { form, .. }
        | ProjectCommand::AddScene { form, .. } => form.json,
    };
    let sources = sources(config);
    let books = Config::load(&sources).map_err(videogen::Error::from).and_then(|config| config.books(&sources));
    let outcome = match books {
        Ok(books) => match carry_out(command, &books, json).await {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => Outcome::NotTakenIn(failure(&error)),
        },
        Err(error) => Outcome::NotSetUp(error),
    };
    match json {
        true => crate::render::json::print(&outcome),
        false => human::print(&outcome),
    }
    exit_code::of_all(&[outcome])
}

async fn carry_out(command: ProjectCommand, books: &SqliteBooks, json: bool) -> Result<(), BooksError> {
    match command {
        ProjectCommand::Create { title, id, platform, aspect_ratio, .. } => {
            let id = id.map(ProjectId::from).or_else(|| ProjectId::of_title(&title));
            let mut begun = Project::new(id.unwrap_or_else(|| "project".into()), title, now())?;
            if let Some(platform) = platform {
                begun = begun.with_preset(platform);
            }
            if let Some(aspect_ratio) = aspect_ratio {
                begun = begun.with_aspect_ratio(aspect_ratio);
            }
            books.create_project(&begun).await?;
            show(books, &begun, json).await
        }
        ProjectCommand::List { .. } => {
            let mut listed = Vec::new();
            for project in books.projects().await? {
                let totals = books.project_totals(project.id()).await?.unwrap_or_default();
                listed.push((project, totals));
            }
            project::list(&listed, json);
            Ok(())
        }
        ProjectCommand::Show { project, .. } => {
            let id = ProjectId::from(project);
            let project = books.project(&id).await?.ok_or(BooksError::NoProject(id))?;
            show(books, &project, json).await
        }
        ProjectCommand::AddScene { project, description, id, position, .. } => {
            let add = move |project: &mut Project| {
                let id = id.as_deref().map_or_else(|| project.free_scene_id(), SceneId::from);
                project.add_scene(Scene::new(id, description.as_str())?, position)
            };
            let project = books.change_project(&project.into(), Box::new(add)).await?;
            show(books, &project, json).await
        }
    }
}

async fn show(books: &SqliteBooks, shown: &Project, json: bool) -> Result<(), BooksError> {
    let assets = books.assets(shown.id()).await?;
    let ledger = books.ledgers(Some(shown.id()), now()).await?.project.unwrap_or_default();
    project::show(shown, &assets, ledger, json);
    Ok(())
}

fn failure(error: &BooksError) -> Failure {
    let kind = match error {
        BooksError::Unusable { .. } => FailureKind::Storage,
        _ => FailureKind::InvalidRequest,
    };
    Failure::new(kind, error.recovery(), error_chain(error), error.advice())
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
