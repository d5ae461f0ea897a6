//! What can keep the emulator from starting.

use std::io;
use std::path::PathBuf;

use crate::faults::InvalidFault;

/// Why the emulator could not start. Once it runs, every fault is an HTTP answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The port could not be opened.
    #[error("could not listen on 127.0.0.1:{port}; choose another port, or 0 for any free one")]
    Listen {
        /// The port that was asked for; 0 stands for any free one.
        port: u16,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The state directory, or a file in it, could not be created, read or written.
    #[error("could not use the state at {}; check that the folder exists and may be written", path.display())]
    State {
        /// The file or folder at fault.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A file in the state directory is not one that the emulator wrote.
    #[error("{} is not a record of the emulator; move it away and start again", path.display())]
    Record {
        /// The file at fault.
        path: PathBuf,
        /// What is wrong in it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The fault script could not be read.
    #[error("could not read the fault script {}", path.display())]
    FaultScriptUnreadable {
        /// The script.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The fault script has a mistake.
    #[error("the fault script {}:{line} has a mistake", path.display())]
    FaultScript {
        /// The script.
        path: PathBuf,
        /// The line of the mistake, counted from 1.
        line: usize,
        /// What is wrong there, and what to write instead.
        #[source]
        source: InvalidFault,
    },
    /// The certificate for https could not be made.
    #[error("the certificate for https could not be made; start without https and proxy, or on another state folder")]
    Certificate {
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The API key to accept does not have fal's form.
    #[error("the API key to accept must have the form `key_id:key_secret`")]
    ApiKey,
}
