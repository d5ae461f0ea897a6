//! A model, as far as fal describes it.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::wire;

/// A model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Model {
    /// fal's name for it.
    pub endpoint_id: String,
    /// What is known of it; some have no entry in fal's registry.
    pub metadata: Option<ModelMetadata>,
    /// Its OpenAPI document, when it was asked for.
    pub openapi: Option<Expansion<Value>>,
    /// Whether it is ready for enterprise use, when that was asked for.
    pub enterprise_status: Option<Expansion<EnterpriseStatus>>,
}

/// What is known of a model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ModelMetadata {
    /// Its name for people.
    pub display_name: Option<String>,
    /// Its category, for example `image-to-video`.
    pub category: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// Whether it is in use.
    pub status: Option<ModelStatus>,
    /// Words such as `new`, `beta`, `pro` and `turbo`.
    #[serde(default, deserialize_with = "wire::null::or_default")]
    pub tags: Vec<String>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "wire::time::if_readable")]
    pub updated_at: Option<Timestamp>,
    /// When it was added.
    #[serde(default, rename = "date", deserialize_with = "wire::time::if_readable")]
    pub created_at: Option<Timestamp>,
    /// Whether the owner of the key likes it.
    pub is_favorited: Option<bool>,
    /// A picture of it.
    pub thumbnail_url: Option<String>,
    /// A moving picture of it.
    pub thumbnail_animated_url: Option<String>,
    /// Where it is called.
    pub model_url: Option<String>,
    /// Where it can be called for a stream.
    pub stream_url: Option<String>,
    /// Its licence or source.
    pub github_url: Option<String>,
    /// What it may be used for.
    pub license_type: Option<LicenseType>,
    /// The family that it belongs to.
    pub group: Option<ModelGroup>,
    /// What it is for.
    pub kind: Option<ModelKind>,
    /// The endpoints that train it.
    #[serde(default, deserialize_with = "wire::null::or_default")]
    pub training_endpoint_ids: Vec<String>,
    /// The endpoints that use what it trains.
    #[serde(default, deserialize_with = "wire::null::or_default")]
    pub inference_endpoint_ids: Vec<String>,
    /// How long a request takes, in minutes.
    #[serde(rename = "duration_estimate")]
    pub duration_estimate_minutes: Option<f64>,
}

/// A family of models.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ModelGroup {
    /// Its key.
    pub key: String,
    /// Its name for people.
    pub label: String,
}

/// Something that was asked for beside the rest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Expansion<T> {
    /// fal could not find it.
    Failed {
        /// Why.
        error: ExpansionError,
    },
    /// It.
    Found(T),
}

impl<T> Expansion<T> {
    /// What was asked for, where fal found it.
    pub fn found(&self) -> Option<&T> {
        match self {
            Self::Found(found) => Some(found),
            Self::Failed { .. } => None,
        }
    }
}

/// Why fal could not find something.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ExpansionError {
    /// fal's name for the error, for example `expansion_failed`.
    pub code: String,
    /// The same for people.
    pub message: String,
}

/// Whether a model is in use.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ModelStatus {
    /// It is.
    Active,
    /// fal has given it up.
    Deprecated,
    /// A value that this version does not know.
    #[serde(untagged)]
    Other(String),
}

impl ModelStatus {
    /// The value as fal writes it.
    pub fn name(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Deprecated => "deprecated",
            Self::Other(name) => name,
        }
    }
}

/// What a model may be used for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LicenseType {
    /// Anything.
    Commercial,
    /// Research.
    Research,
    /// What its owner allows.
    Private,
    /// A value that this version does not know.
    #[serde(untagged)]
    Other(String),
}

/// What a model is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ModelKind {
    /// It makes something.
    Inference,
    /// It trains another.
    Training,
    /// A value that this version does not know.
    #[serde(untagged)]
    Other(String),
}

/// Whether a model is ready for enterprise use.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EnterpriseStatus {
    /// It is.
    Ready,
    /// It waits for approval.
    Pending,
    /// A value that this version does not know.
    #[serde(untagged)]
    Other(String),
}
