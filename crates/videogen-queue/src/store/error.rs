//! What can go wrong with a store.

use std::error::Error as StdError;

/// A store that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct StoreError {
    message: String,
    advice: &'static str,
    is_of_another_process: bool,
    is_cancelled: bool,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// A failure of a store.
    pub fn new(message: impl Into<String>) -> Self {
        let advice = "Make sure that the task store can be read and written, then try again.";
        Self { message: message.into(), advice, is_of_another_process: false, is_cancelled: false, source: None }
    }

    /// Says what to do.
    pub fn with_advice(mut self, advice: &'static str) -> Self {
        self.advice = advice;
        self
    }

    /// Adds what caused it.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What to do next, in a sentence.
    pub fn advice(&self) -> &'static str {
        self.advice
    }

    /// The task is another process's: this one may not write to it.
    pub fn of_another_process(id: &crate::TaskId) -> Self {
        let error = Self::new(format!("the task {id} is another process's"))
            .with_advice("It goes on there: look how far it is, and do not ask anew.");
        Self { is_of_another_process: true, ..error }
    }

    /// Whether the task is another process's.
    pub fn is_of_another_process(&self) -> bool {
        self.is_of_another_process
    }

    /// Somebody wishes that the task be cancelled, so that it is not submitted.
    pub fn cancel_requested(id: &crate::TaskId) -> Self {
        let error = Self::new(format!("the task {id} is to be cancelled, and is not submitted"));
        Self { is_cancelled: true, ..error.with_advice("Ask for it anew where it is wanted after all.") }
    }

    /// Whether somebody wishes that the task be cancelled.
    pub fn is_cancel_requested(&self) -> bool {
        self.is_cancelled
    }

    pub(crate) fn unknown(id: &crate::TaskId) -> Self {
        Self::new(format!("there is no task {id}")).with_advice("Check its name.")
    }

    pub(crate) fn taken(id: &crate::TaskId) -> Self {
        Self::new(format!("there is a task {id} already")).with_advice("Take another name.")
    }

    pub(crate) fn illegal(id: &crate::TaskId, error: videogen_domain::IllegalTransition) -> Self {
        Self::new(format!("task {id} cannot go on"))
            .with_advice("It was changed by another program or version; look at it before going on.")
            .with_source(error)
    }
}
