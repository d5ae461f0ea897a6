#![doc = include_str!("../README.md")]

mod request;
mod image_facts;
mod aspect_ratio;
mod base64;
mod decimal_text;
mod model;
mod violation;
mod notice;
mod video_facts;
mod validate;
mod planned_image;
mod plan;
mod batch;
mod chain;
mod compare;
mod usd;
mod cost;
mod generation;
mod budget;
mod project;
mod unix_millis;
mod log_progress;
mod nearest;
mod platform_choice;
mod learned_units;

pub use aspect_ratio::{AspectRatio, ParseAspectRatioError};
pub use batch::BatchPlan;
pub use budget::{Budget, Decision, Deviation, Ledger, Ledgers, Limit, Refusal, UnknownCost};
pub use chain::{ChainLink, ChainPlan, ChainRequest};
pub use compare::{Comparison, compare};
pub use cost::CostEstimate;
pub use generation::{
    Attempt, Failure, FailureKind, GeneratedVideo, Generation, GenerationEvent, GenerationState, IllegalTransition,
    LogLine, Observation, Recovery, RemoteRequest, ReusedVideo, StoredFormError, StoredVideo, UploadedImage,
    transition,
};
pub use image_facts::ImageFacts;
pub use learned_units::LearnedUnits;
pub use log_progress::percent_in;
pub use model::{
    Capabilities, CatalogueError, Condition, Conditions, Confidence, Extra, FrameCount, ImageLimits, ImageParameter,
    ModelOverride, ModelRegistry, ModelSpec, Multiplier, OpenApiError, ParameterConflict, ParameterRole, ParameterSpec,
    ParameterType, Pricing, Rate, Retired, Sound, UnknownModel, VideoGenerationModel, VideoTokens,
};
pub use nearest::nearest;
pub use notice::{Notice, NoticeCode};
pub use plan::{GenerationPlan, ImageBounds, PlannedImage};
pub use project::{
    Asset, AssetId, Attachment, PlatformPreset, Project, ProjectError, ProjectId, ProjectTotals, Scene, SceneId,
    UnknownPreset,
};
pub use request::{Fit, GenerationRequest, ImageInput};
pub use unix_millis::UnixMillis;
pub use usd::{ParseUsdError, Usd};
pub use validate::{Inspected, InspectedImages, ValidationRules, validate, validate_with};
pub use video_facts::VideoFacts;
pub use violation::{Violation, ViolationCode, Violations};

pub use rust_decimal::Decimal;
