//! What can go wrong with a connection.

/// What can go wrong with a connection. What goes wrong with a video is told to the client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client did not begin a session as the protocol wants it.
    #[error("the client did not begin an MCP session")]
    NoSession,
    /// The connection broke in the middle.
    #[error("the connection to the client broke")]
    Broken,
}
