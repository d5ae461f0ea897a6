//! What can go wrong before the first request, or with the listener.

use std::net::SocketAddr;

/// What can go wrong with the server itself. What goes wrong with a request is answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Others can reach the address, and there is no token to keep them from spending money.
    #[error("{address} can be reached from other machines, and there is no token")]
    NeedsToken {
        /// The address.
        address: SocketAddr,
    },
    /// The token is too short to keep anybody out.
    #[error("the token has {length} characters and needs at least {least}")]
    WeakToken {
        /// How many it has.
        length: usize,
        /// How many it needs.
        least: usize,
    },
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The listener failed.
    #[error("the server failed")]
    Serve(#[source] std::io::Error),
}

impl Error {
    /// What to do next, in a sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NeedsToken { .. } => "Give a token with --token-file, or listen on 127.0.0.1.",
            Self::WeakToken { .. } => "Take a long random one, for example of: openssl rand -hex 32.",
            Self::Listen { .. } => "Choose another address with --listen.",
            Self::Serve(_) => "Start it again.",
        }
    }
}
