//! The seam to whoever keeps the events.

use std::error::Error as StdError;

use videogen_domain::GenerationEvent;

/// Keeps the events of one generation.
#[async_trait::async_trait]
pub trait Journal: Send + Sync {
    /// Keeps an event. The next step begins only when this has returned, so a journal that survives the process must
    /// have the event on disk by then.
    ///
    /// # Errors
    /// When it cannot be kept; the generation then stands still.
    async fn record(&self, event: &GenerationEvent) -> Result<(), JournalError>;

    /// The caller's own name for the generation, for traces.
    fn task_id(&self) -> Option<&str> {
        None
    }

    /// Hears how far a transfer is. Not to be kept.
    fn transferred(&self, progress: TransferProgress) {
        let _ = progress;
    }
}

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferProgress {
    /// The picture is on its way to fal.
    Uploading,
    /// The video is on its way from fal.
    Downloading {
        /// Bytes that have arrived.
        received: u64,
        /// Bytes in all, where fal says so.
        total: Option<u64>,
    },
}

/// An event that cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct JournalError {
    message: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl JournalError {
    /// A failure to keep an event.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    /// Adds what caused it.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// Keeps nothing: for callers that hold the generation themselves and accept that it dies with the process.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoJournal;

#[async_trait::async_trait]
impl Journal for NoJournal {
    async fn record(&self, _event: &GenerationEvent) -> Result<(), JournalError> {
        Ok(())
    }
}
