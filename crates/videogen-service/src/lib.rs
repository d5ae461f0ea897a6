#![doc = include_str!("../README.md")]

mod config;
mod service;
mod step;
mod journal;
mod picture;
mod asset;
mod sidecar;
mod mp4;
mod failure;
mod error_chain;
mod telemetry;
mod trail;

pub use asset::{AssetError, AssetStore, FolderAssetStore, VideoBody};
pub use config::{ServiceConfig, WatchPolicy};
pub use error_chain::error_chain;
pub use journal::{Journal, JournalError, NoJournal, TransferProgress};
pub use service::{GenerationService, Held};
pub use telemetry::{EndStatus, Measurement, NoTelemetry, Telemetry};
