//! Projects as they are kept.

use std::fmt::Debug;

use videogen_domain::{Asset, Attachment, Project, ProjectError, ProjectId, ProjectTotals, Scene, UnixMillis};

use super::BooksError;

/// A change of a project. It may be tried more than once; what the last time made of the project is kept.
pub type ProjectChange = Box<dyn FnMut(&mut Project) -> Result<(), ProjectError> + Send>;

/// Keeps projects and the videos that were made for them.
#[async_trait::async_trait]
pub trait ProjectStore: Debug + Send + Sync {
    /// Keeps a new project.
    ///
    /// # Errors
    /// When there is one of its id, or it cannot be written.
    async fn create_project(&self, project: &Project) -> Result<(), BooksError>;

    /// A project; `None` when there is none of that id.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn project(&self, id: &ProjectId) -> Result<Option<Project>, BooksError>;

    /// All projects in the order in which they were created.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn projects(&self) -> Result<Vec<Project>, BooksError>;

    /// Changes a project, all of it or nothing, and returns it as it is then. Nobody else changes it in between.
    ///
    /// # Errors
    /// When there is no such project, the change is refused, or it cannot be written.
    async fn change_project(&self, id: &ProjectId, change: ProjectChange) -> Result<Project, BooksError>;

    /// The videos of a project, oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn assets(&self, project: &ProjectId) -> Result<Vec<Asset>, BooksError>;

    /// Keeps a video that was made and paid for before, and attaches it to its scene. Doing so again changes nothing.
    ///
    /// Where the project or the scene is gone, it is kept all the same.
    ///
    /// # Errors
    /// When it cannot be written.
    async fn attach(&self, asset: &Asset) -> Result<Attachment, BooksError>;

    /// Writes down that the file of this name with the video of this request was deleted, in every project that shows it,
    /// unless that is written down already. What it cost stays. Of a video of no project nothing is known here, and
    /// nothing changes.
    ///
    /// # Errors
    /// When it cannot be written.
    async fn asset_deleted(&self, request_id: &str, name: &str, at: UnixMillis) -> Result<(), BooksError>;

    /// Adds a scene at a position, counted from 1; `None`: at the end. Returns the project as it is then.
    ///
    /// # Errors
    /// As [`change_project`](Self::change_project).
    async fn add_scene(&self, id: &ProjectId, scene: Scene, position: Option<usize>) -> Result<Project, BooksError> {
        self.change_project(id, Box::new(move |project| project.add_scene(scene.clone(), position))).await
    }

    /// What a project adds up to; `None` when there is none of that id.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn project_totals(&self, id: &ProjectId) -> Result<Option<ProjectTotals>, BooksError> {
        let Some(project) = self.project(id).await? else { return Ok(None) };
        Ok(Some(ProjectTotals::of(&project, &self.assets(id).await?)))
    }
}
