#![doc = include_str!("../README.md")]

pub use fal_core as fal;
#[cfg(feature = "emulator")]
pub use fal_emulator as emulator;
pub use fal_upload as upload;
pub use videogen_domain as domain;
pub use videogen_queue as queue;
pub use videogen_service as service;

mod stack;
mod folders;
mod quote;
mod environment;
mod config;
mod allowed_folders;
mod json_fields;
mod batch_file;
mod error_view;
mod event_view;
mod error;
#[cfg(feature = "otlp")]
mod telemetry;

pub use allowed_folders::AllowedFolders;
pub use batch_file::{BatchForm, BatchRow};
pub use config::{
    Config, ConfigError, ConfigProblem, ConfigSources, DatabaseUrl, Origin, ShownSetting, TaskStorePlace,
};
pub use environment::Environment;
pub use error::Error;
pub use error_view::{ErrorView, ViolationView};
pub use event_view::EventView;
pub use json_fields::JsonFields;
pub use quote::Quote;
pub use stack::{Builder, Provider, Videogen};
#[cfg(feature = "otlp")]
pub use telemetry::{LogFormat, Observability};

pub use videogen_domain::{
    CostEstimate, Failure, FailureKind, Fit, GenerationPlan, GenerationRequest, ImageInput, Usd, Violations,
};
pub use videogen_queue::{Queue, QueuedTask, TaskId, TaskStatus, UnconfirmedPolicy};
pub use videogen_service::error_chain;
