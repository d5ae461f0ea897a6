//! Why a project cannot be changed in the way that was asked for.

use super::{AssetId, ProjectId, SceneId};

/// Why a project cannot be changed in the way that was asked for. Nothing has been changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// A title or description has no visible character.
    #[error("the {field} is empty; write a few words")]
    Empty {
        /// `title` or `description`.
        field: &'static str,
    },
    /// Two scenes would have the same id.
    #[error("the project has a scene {scene} already; give the new one another id")]
    SceneExists {
        /// The id.
        scene: SceneId,
    },
    /// The project has no such scene.
    #[error("the project has no scene {scene}; take an id from the list of its scenes")]
    NoScene {
        /// The id that was asked for.
        scene: SceneId,
    },
    /// The position is not among those that the scene can have.
    #[error("a scene cannot come at position {position}; choose one from 1 to {last}")]
    NoPosition {
        /// The position that was asked for.
        position: usize,
        /// The last one that would do.
        last: usize,
    },
    /// The scene has no such video.
    #[error("the scene {scene} has no video {asset}; take an id from the list of its takes")]
    NoTake {
        /// The scene.
        scene: SceneId,
        /// The id that was asked for.
        asset: AssetId,
    },
    /// The video was made for another project.
    #[error("the video {asset} belongs to project {project}; attach it there")]
    OtherProject {
        /// The video.
        asset: AssetId,
        /// The project that it belongs to.
        project: ProjectId,
    },
}

/// The text, if there is anything to read in it.
pub(super) fn not_empty(field: &'static str, text: String) -> Result<String, ProjectError> {
    if text.trim().is_empty() { Err(ProjectError::Empty { field }) } else { Ok(text) }
}
