//! Why books cannot be read or written.

use std::error::Error as StdError;

use videogen_domain::{ProjectError, ProjectId, Recovery};

/// Why books cannot be read or written. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BooksError {
    /// There is no such project.
    #[error("there is no project {0}; take an id from the list of projects, or create it first")]
    NoProject(ProjectId),
    /// Two projects would have the same id.
    #[error("there is a project {0} already; give the new one another id")]
    ProjectExists(ProjectId),
    /// A project cannot be changed in this way.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// Where they are kept cannot be used.
    #[error("the books {place} cannot be used")]
    Unusable {
        /// Where they are.
        place: String,
        /// What to do next, in a sentence.
        advice: &'static str,
        /// What the database says.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl BooksError {
    /// What to do next, in a sentence.
    pub fn advice(&self) -> &str {
        match self {
            Self::NoProject(_) => "Take an id from the list of projects, or create the project first.",
            Self::ProjectExists(_) => "Give the project another id.",
            Self::Project(_) => "Change the call as the message says.",
            Self::Unusable { advice, .. } => advice,
        }
    }

    /// Whether trying again can help.
    pub fn recovery(&self) -> Recovery {
        match self {
            Self::Unusable { .. } => Recovery::Later,
            _ => Recovery::Never,
        }
    }
}
