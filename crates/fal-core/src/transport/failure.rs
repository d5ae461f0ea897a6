//! Why an exchange brought no answer, and whether the request may have arrived.

use std::error::Error as StdError;

/// Whether a request that got no answer may have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It was certainly not sent: the connection was never made.
    NotSent,
    /// It may have arrived.
    Unknown,
}

/// An exchange that brought no answer.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    delivery: Delivery,
    private_network: bool,
    message: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// A failure with a message of its own.
    pub fn new(delivery: Delivery, message: impl Into<String>) -> Self {
        Self { delivery, message: message.into(), private_network: false, source: None }
    }

    /// A request that was not sent, because its address leads into a private network where it may not go.
    pub fn private_network() -> Self {
        Self { private_network: true, ..Self::new(Delivery::NotSent, "the address leads into a private network") }
    }

    /// Adds what caused it.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Whether the request may have arrived.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// Whether it was not sent because its address leads into a private network. Trying again does not help.
    pub fn is_private_network(&self) -> bool {
        self.private_network
    }
}
