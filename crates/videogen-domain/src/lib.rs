#![doc = include_str!("../README.md")]

mod request;
mod image_facts;
mod aspect_ratio;
mod model;
mod violation;
mod validate;
mod plan;
mod usd;
mod cost;
mod generation;
mod budget;
mod project;
mod unix_millis;
mod log_progress;
mod nearest;

pub use aspect_ratio::{AspectRatio, ParseAspectRatioError};
pub use budget::{Budget, Decision, Deviation, Ledger, Ledgers, Limit, Refusal, UnknownCost};
pub use cost::CostEstimate;
pub use generation::{
    Attempt, Failure, FailureKind, GeneratedVideo, Generation, GenerationEvent, GenerationState, IllegalTransition,
    LogLine, Observation, Recovery, RemoteRequest, StoredVideo, UploadedImage, transition,
};
pub use image_facts::ImageFacts;
pub use log_progress::percent_in;
pub use model::{
    CatalogueError, ModelRegistry, ModelSpec, ParameterRole, ParameterSpec, ParameterType, PriceTag, Pricing,
    UnknownModel, VideoGenerationModel,
};
pub use nearest::nearest;
pub use plan::GenerationPlan;
pub use project::{
    Asset, AssetId, Attachment, PlatformPreset, Project, ProjectError, ProjectId, ProjectTotals, Scene, SceneId,
    UnknownPreset,
};
pub use request::{Fit, GenerationRequest, ImageInput};
pub use unix_millis::UnixMillis;
pub use usd::{ParseUsdError, Usd};
pub use validate::{ValidationRules, validate};
pub use violation::{Violation, ViolationCode, Violations};

pub use rust_decimal::Decimal;
