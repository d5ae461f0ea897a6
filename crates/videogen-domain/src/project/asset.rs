//! A finished video of a project.

use serde::{Deserialize, Serialize};

use super::{AssetId, ProjectId, SceneId};
use crate::{UnixMillis, Usd, VideoFacts};

/// A finished video of a project. It keeps what it cost, whatever becomes of its scene.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// Our name for it: fal's request id, where nothing speaks against that.
    pub id: AssetId,
    /// The project that it belongs to.
    pub project_id: ProjectId,
    /// The scene that it was made for, which may have been removed since; `None`: for none.
    pub scene_id: Option<SceneId>,
    /// What its file is called in the asset store.
    pub name: String,
    /// Our name for the model that made it.
    pub model_id: String,
    /// fal's request id.
    pub request_id: String,
    /// What the file says of itself.
    #[serde(flatten)]
    pub facts: VideoFacts,
    /// The size of its file in bytes.
    pub bytes: u64,
    /// The most that it was expected to cost, in USD; `None`: not known.
    #[serde(rename = "estimate_usd")]
    pub estimate: Option<Usd>,
    /// What fal billed, in USD; `None`: not known, or not known yet.
    #[serde(rename = "billed_usd")]
    pub billed: Option<Usd>,
    /// When it was stored.
    pub created_at: UnixMillis,
    /// When its file was deleted; `None`: it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<UnixMillis>,
}
