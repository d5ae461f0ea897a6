//! One scene of a project, and the videos made for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::not_empty;
use super::{AssetId, ProjectError, SceneId};

/// One scene of a project. Its place is the place that it has among [`Project::scenes`](super::Project::scenes).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scene {
    id: SceneId,
    description: String,
    takes: Vec<AssetId>,
}

impl Scene {
    /// A scene without a video. The description says what is to be seen; it can serve as the motion prompt.
    ///
    /// # Errors
    /// When the description is empty.
    pub fn new(id: SceneId, description: impl Into<String>) -> Result<Self, ProjectError> {
        Ok(Self { id, description: not_empty("description", description.into())?, takes: Vec::new() })
    }

    /// Our name for the scene.
    pub fn id(&self) -> &SceneId {
        &self.id
    }

    /// What is to be seen.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// All videos that were made for the scene; the last one is shown.
    pub fn takes(&self) -> &[AssetId] {
        &self.takes
    }

    /// The video that is shown; `None`: the scene is not finished.
    pub fn shown(&self) -> Option<&AssetId> {
        self.takes.last()
    }

    /// Shows a video that has just been made, unless it is among the takes already.
    pub(super) fn add_take(&mut self, asset: &AssetId) -> Attachment {
        if self.takes.contains(asset) {
            return Attachment::Unchanged;
        }
        let replaced = self.takes.last().cloned();
        self.takes.push(asset.clone());
        Attachment::Shown { replaced }
    }

    /// Shows one of the takes again.
    pub(super) fn show(&mut self, asset: &AssetId) -> Result<(), ProjectError> {
        let no_take = || ProjectError::NoTake { scene: self.id.clone(), asset: asset.clone() };
        let index = self.takes.iter().position(|take| take == asset).ok_or_else(no_take)?;
        self.takes[index..].rotate_left(1);
        Ok(())
    }
}

// The description may serve as a prompt, which stays out of logs.
impl fmt::Debug for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scene").field("id", &self.id).field("takes", &self.takes).finish_non_exhaustive()
    }
}

/// What has become of a video that was attached to its project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// Its scene shows it from now on.
    Shown {
        /// The video that the scene showed before. It stays among the takes, and its cost in the totals.
        replaced: Option<AssetId>,
    },
    /// It had been attached before; nothing was changed, even if the scene shows another one by now.
    Unchanged,
    /// It was made for no scene, or for one that has been removed: it belongs to the project alone.
    NoScene,
}
