//! The server: one host of videos, any number of connections one after the other.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rmcp::ServiceExt;
use rmcp::service::{QuitReason, ServerInitializeError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use videogen::{AllowedFolders, Videogen};

use crate::Error;
use crate::end_of_input::EndOfInput;
use crate::handler::Handler;

/// An MCP server. Cheap to clone; clones share their tasks.
///
/// # Defaults
/// - `patience`: 45 s, because clients give up on a call after 60 s
#[derive(Clone)]
pub struct McpServer(Arc<Host>);

/// What the tools work with.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) videogen: Arc<Videogen>,
    pub(crate) folders: AllowedFolders,
    pub(crate) patience: Duration,
}

impl fmt::Debug for McpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpServer")
            .field("folders", &self.0.folders)
            .field("patience", &self.0.patience)
            .finish_non_exhaustive()
    }
}

impl McpServer {
    /// A server that makes videos by `videogen`, of pictures on the web or in one of the folders.
    pub fn new(videogen: Arc<Videogen>, folders: AllowedFolders) -> Self {
        Self(Arc::new(Host { videogen, folders, patience: Duration::from_secs(45) }))
    }

    /// Waits so long for a video before a call is answered with the handle of its task.
    pub fn with_patience(self, patience: Duration) -> Self {
        Self(Arc::new(Host { patience, ..self.0.as_ref().clone() }))
    }

    /// Speaks with one client until its input ends: one JSON-RPC message a line, in either era of the protocol. Tasks
    /// go on afterwards; [`Videogen::close`] ends them.
    ///
    /// # Errors
    /// When the client begins no session, or the connection breaks. A client that says nothing at all is no error.
    pub async fn serve(
        &self,
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Result<(), Error> {
        let gone = CancellationToken::new();
        let handler = Handler::new(Arc::clone(&self.0), gone.clone());
        // What the client sent instead stays out of the error: it may be a prompt.
        let session = match handler.serve((EndOfInput::new(reader, gone), writer)).await {
            Ok(session) => session,
            Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(ServerInitializeError::TransportError { .. }) => return Err(Error::Broken),
            Err(_) => return Err(Error::NoSession),
        };
        match session.waiting().await {
            Ok(QuitReason::Closed | QuitReason::Cancelled) => Ok(()),
            _ => Err(Error::Broken),
        }
    }
}
