#![doc = include_str!("../README.md")]

mod config;
mod service;
mod inline;
mod step;
mod journal;
mod picture;
mod asset;
mod sidecar;
mod library;
mod frame;
mod mp4;
mod failure;
mod error_chain;
mod telemetry;
mod trail;
mod books;
mod planning;
mod fingerprint;
mod chain;
mod lookup;
mod cancel;
mod fault_point;

pub use asset::{
    AssetError, AssetStore, FolderAssetStore, KeptVideo, ObjectAssetStore, OpenVideo, StoredPoster, VideoBody,
    asset_store_at,
};
#[cfg(any(test, feature = "conformance"))]
pub use books::conformance;
pub use books::{
    Bill, Booking, Books, BooksError, BudgetStore, FinishedVideo, ProjectChange, ProjectStore, SqliteBooks,
};
pub use cancel::CancelOutcome;
pub use config::ServiceConfig;
pub use error_chain::error_chain;
#[doc(hidden)]
pub use fault_point::fault_point;
#[cfg(feature = "frames")]
pub use frame::H264FrameReader;
pub use frame::{Frame, FrameError, FrameReader, WhichFrame};
pub use inline::{GenerateError, GenerationUpdate, GenerationUpdates};
pub use journal::{Journal, JournalError, NoJournal, TransferProgress};
pub use library::{Library, LibraryVideo};
pub use lookup::Lookup;
pub use service::{GenerationService, Held};
pub use sidecar::Sidecar;
pub use telemetry::{EndStatus, Measurement, NoTelemetry, Telemetry};

pub use fal_core::{WatchMode, WatchOptions};
