//! Projects and their videos, as JSON documents.

use rusqlite::{OptionalExtension, Transaction};
use videogen_domain::{Asset, Attachment, Project, ProjectId, UnixMillis};

use super::{BooksError, ProjectChange, Trouble};

pub(super) fn create(books: &Transaction<'_>, project: &Project) -> Result<(), Trouble> {
    let sql = "INSERT OR IGNORE INTO projects(id, document) VALUES (?1, ?2)";
    match books.execute(sql, (project.id().as_str(), serde_json::to_string(project)?))? {
        0 => Err(BooksError::ProjectExists(project.id().clone()).into()),
        _ => Ok(()),
    }
}

pub(super) fn one(books: &Transaction<'_>, id: &ProjectId) -> Result<Option<Project>, Trouble> {
    let sql = "SELECT document FROM projects WHERE id = ?1";
    let document: Option<String> = books.query_row(sql, [id.as_str()], |row| row.get(0)).optional()?;
    document.map(|document| Ok(serde_json::from_str(&document)?)).transpose()
}

pub(super) fn all(books: &Transaction<'_>) -> Result<Vec<Project>, Trouble> {
    let mut statement = books.prepare("SELECT document FROM projects ORDER BY number")?;
    let documents = statement.query_map([], |row| row.get::<_, String>(0))?;
    documents.map(|document| Ok(serde_json::from_str(&document?)?)).collect()
}

pub(super) fn change(books: &Transaction<'_>, id: &ProjectId, mut change: ProjectChange) -> Result<Project, Trouble> {
    let mut project = one(books, id)?.ok_or_else(|| BooksError::NoProject(id.clone()))?;
    change(&mut project).map_err(BooksError::from)?;
    write(books, &project)?;
    Ok(project)
}

pub(super) fn assets(books: &Transaction<'_>, project: &ProjectId) -> Result<Vec<Asset>, Trouble> {
    let mut statement = books.prepare("SELECT document FROM assets WHERE project_id = ?1 ORDER BY number")?;
    let documents = statement.query_map([project.as_str()], |row| row.get::<_, String>(0))?;
    documents.map(|document| Ok(serde_json::from_str(&document?)?)).collect()
}

pub(super) fn asset_deleted(
    books: &Transaction<'_>,
    request_id: &str,
    name: &str,
    at: UnixMillis,
) -> Result<(), Trouble> {
    let sql = "SELECT document FROM assets WHERE document ->> 'request_id' = ?1 AND document ->> 'name' = ?2";
    let mut statement = books.prepare(sql)?;
    let documents: Vec<String> =
        statement.query_map([request_id, name], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for document in documents {
        let mut asset: Asset = serde_json::from_str(&document)?;
        asset.deleted_at.get_or_insert(at);
        let document = serde_json::to_string(&asset)?;
        books.execute("UPDATE assets SET document = ?2 WHERE id = ?1", (asset.id.as_str(), document))?;
    }
    Ok(())
}

/// Keeps a finished video, and attaches it to its scene.
pub(super) fn keep(books: &Transaction<'_>, asset: &Asset) -> Result<Attachment, Trouble> {
    let sql = "INSERT OR IGNORE INTO assets(id, project_id, document) VALUES (?1, ?2, ?3)";
    books.execute(sql, (asset.id.as_str(), asset.project_id.as_str(), serde_json::to_string(asset)?))?;
    let Some(mut project) = one(books, &asset.project_id)? else { return Ok(Attachment::NoScene) };
    let attachment = project.attach(asset).map_err(BooksError::from)?;
    write(books, &project)?;
    Ok(attachment)
}

fn write(books: &Transaction<'_>, project: &Project) -> Result<(), Trouble> {
    let sql = "UPDATE projects SET document = ?2 WHERE id = ?1";
    books.execute(sql, (project.id().as_str(), serde_json::to_string(project)?))?;
    Ok(())
}
