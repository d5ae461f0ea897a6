//! A film in the making: its scenes in order, and the videos that were made for them.

mod asset;
mod error;
mod id;
mod preset;
mod scene;
mod totals;

use serde::{Deserialize, Deserializer, Serialize};

pub use asset::Asset;
pub use error::ProjectError;
pub use id::{AssetId, ProjectId, SceneId};
pub use preset::{PlatformPreset, UnknownPreset};
pub use scene::{Attachment, Scene};
pub use totals::ProjectTotals;

use crate::{AspectRatio, UnixMillis};
use error::not_empty;

/// A film in the making.
///
/// It is a plain value: a store keeps it as one row of JSON, and each [`Asset`] as another. The row of an asset is
/// written in the same transaction as the project that it has been [attached](Self::attach) to. Rows of assets stay when
/// scenes go, so that [`ProjectTotals`] never forget what was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    id: ProjectId,
    title: String,
    aspect_ratio: Option<AspectRatio>,
    preset: Option<PlatformPreset>,
    created_at: UnixMillis,
    #[serde(deserialize_with = "distinct")]
    scenes: Vec<Scene>,
}

impl Project {
    /// A project without scenes.
    ///
    /// # Errors
    /// When the title is empty.
    pub fn new(id: ProjectId, title: impl Into<String>, created_at: UnixMillis) -> Result<Self, ProjectError> {
        let title = not_empty("title", title.into())?;
        Ok(Self { id, title, aspect_ratio: None, preset: None, created_at, scenes: Vec::new() })
    }

    /// Says where the film is to be shown.
    pub fn with_preset(mut self, preset: PlatformPreset) -> Self {
        self.preset = Some(preset);
        self
    }

    /// Sets the aspect ratio of all scenes; it outranks the preset's.
    pub fn with_aspect_ratio(mut self, aspect_ratio: AspectRatio) -> Self {
        self.aspect_ratio = Some(aspect_ratio);
        self
    }

    /// Our name for the project.
    pub fn id(&self) -> &ProjectId {
        &self.id
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where it is to be shown.
    pub fn preset(&self) -> Option<PlatformPreset> {
        self.preset
    }

    /// The aspect ratio of all scenes: the one that was set, or else the preset's; `None`: each picture's own.
    pub fn aspect_ratio(&self) -> Option<AspectRatio> {
        self.aspect_ratio.or(self.preset.map(PlatformPreset::aspect_ratio))
    }

    /// When it was created.
    pub fn created_at(&self) -> UnixMillis {
        self.created_at
    }

    /// The scenes in their order.
    pub fn scenes(&self) -> &[Scene] {
        &self.scenes
    }

    /// The scene of that id.
    ///
    /// # Errors
    /// When there is none.
    pub fn scene(&self, id: &SceneId) -> Result<&Scene, ProjectError> {
        self.index_of(id).map(|index| &self.scenes[index])
    }

    /// A name that no scene has yet: `scene-1`, `scene-2` and so on.
    pub fn free_scene_id(&self) -> SceneId {
        let names = (self.scenes.len() + 1..).map(|number| SceneId::from(format!("scene-{number}")));
        names.into_iter().find(|name| self.index_of(name).is_err()).unwrap_or_else(|| "scene".into())
    }

    /// Adds a scene at a position, counted from 1; those from there on move back by one. `None`: at the end.
    ///
    /// # Errors
    /// When its id is taken, or the position would leave a gap.
    pub fn add_scene(&mut self, scene: Scene, position: Option<usize>) -> Result<(), ProjectError> {
        if self.index_of(scene.id()).is_ok() {
            return Err(ProjectError::SceneExists { scene: scene.id().clone() });
        }
        let end = self.scenes.len() + 1;
        self.scenes.insert(index_at(position.unwrap_or(end), end)?, scene);
        Ok(())
    }

    /// Moves a scene so that it stands at a position, counted from 1.
    ///
    /// # Errors
    /// When there is no such scene or position.
    pub fn move_scene(&mut self, id: &SceneId, position: usize) -> Result<(), ProjectError> {
        let from = self.index_of(id)?;
        let to = index_at(position, self.scenes.len())?;
        let scene = self.scenes.remove(from);
        self.scenes.insert(to, scene);
        Ok(())
    }

    /// Removes a scene and returns it. Its videos still belong to the project.
    ///
    /// # Errors
    /// When there is no such scene.
    pub fn remove_scene(&mut self, id: &SceneId) -> Result<Scene, ProjectError> {
        self.index_of(id).map(|index| self.scenes.remove(index))
    }

    /// Attaches a finished video to the scene that it was made for, which shows it from now on. Doing so again changes
    /// nothing, however often and whatever the scene shows by then, so that it can be repeated after a crash.
    ///
    /// A video whose scene has been removed is no error: it is paid for, and kept.
    ///
    /// # Errors
    /// When it belongs to another project.
    pub fn attach(&mut self, asset: &Asset) -> Result<Attachment, ProjectError> {
        if asset.project_id != self.id {
            return Err(ProjectError::OtherProject { asset: asset.id.clone(), project: asset.project_id.clone() });
        }
        let scene = self.scenes.iter_mut().find(|scene| Some(scene.id()) == asset.scene_id.as_ref());
        Ok(scene.map_or(Attachment::NoScene, |scene| scene.add_take(&asset.id)))
    }

    /// Lets a scene show one of its takes again.
    ///
    /// # Errors
    /// When there is no such scene, or it has no such take.
    pub fn show(&mut self, scene: &SceneId, asset: &AssetId) -> Result<(), ProjectError> {
        let index = self.index_of(scene)?;
        self.scenes[index].show(asset)
    }

    fn index_of(&self, id: &SceneId) -> Result<usize, ProjectError> {
        let index = self.scenes.iter().position(|scene| scene.id() == id);
        index.ok_or_else(|| ProjectError::NoScene { scene: id.clone() })
    }
}

/// The index that belongs to a position from 1 to `last`.
fn index_at(position: usize, last: usize) -> Result<usize, ProjectError> {
    let index = position.checked_sub(1).filter(|_| position <= last);
    index.ok_or(ProjectError::NoPosition { position, last })
}

/// Reads scenes of which no two have the same id.
fn distinct<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Scene>, D::Error> {
    let scenes = Vec::<Scene>::deserialize(deserializer)?;
    let mut seen = std::collections::HashSet::new();
    match scenes.iter().find(|scene| !seen.insert(scene.id())) {
        None => Ok(scenes),
        Some(twice) => Err(serde::de::Error::custom(format!("there are two scenes {}", twice.id()))),
    }
}

#[cfg(test)]
mod tests;
