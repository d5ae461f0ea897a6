//! `videogen assets`: the finished videos.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use videogen::service::{AssetStore, FolderAssetStore, Library};
use videogen::{Config, Failure};

use super::sources;
use crate::args::{AssetsCommand, Form, Place};
use crate::exit_code;
use crate::outcome::Outcome;
use crate::render::{assets, human, json};

pub(crate) async fn run(command: AssetsCommand, config: Option<&Path>) -> ExitCode {
    let (AssetsCommand::List { place, form, .. }
    | AssetsCommand::Get { place, form, .. }
    | AssetsCommand::Rm { place, form, .. }) = &command;
    let (Form { json }, Place { location }) = (*form, place);
    let sources = sources(config);
    let library = Config::load(&sources)
        .map_err(videogen::Error::from)
        .and_then(|config| config.library(location.as_deref(), &sources));
    let outcome = match library {
        Ok(library) => match carry_out(command, &library, json).await {
            Ok(()) => return ExitCode::SUCCESS,
            Err(failure) => Outcome::NotTakenIn(failure),
        },
        Err(error) => Outcome::NotSetUp(error),
    };
    match json {
        true => json::print(&outcome),
        false => human::print(&outcome),
    }
    exit_code::of_all(&[outcome])
}

async fn carry_out(command: AssetsCommand, library: &Library, json: bool) -> Result<(), Failure> {
    match command {
        AssetsCommand::List { project, .. } => {
            let mut videos = library.videos().await?;
            if let Some(project) = project {
                let of = |id: &videogen::domain::ProjectId| id.as_str() == project;
                videos.retain(|video| video.sidecar.project_id.as_ref().is_some_and(of));
            }
            assets::list(&videos, json);
        }
        AssetsCommand::Get { name, output, .. } => {
            let output = output.unwrap_or_else(|| PathBuf::from(&name));
            let video = library.open(&name).await?;
            let folder = FolderAssetStore::new(output.parent().unwrap_or(Path::new("")));
            let file = output.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let copy = folder.put(&file, video.body).await.map_err(Failure::from)?;
            assets::copied(&copy, json);
        }
        AssetsCommand::Rm { names, .. } => {
            for name in names {
                let deleted = library.delete(&name).await?;
                assets::deleted(&name, &deleted, json);
            }
        }
    }
    Ok(())
}
