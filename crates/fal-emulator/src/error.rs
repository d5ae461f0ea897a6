//! What can keep the emulator, a recorder or a replay from starting.

use std::io;
use std::path::PathBuf;

use crate::faults::InvalidFault;
use crate::host_class::HostClass;

/// Why the emulator, a recorder or a replay could not start. Once it runs, every fault is an HTTP answer.
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
    /// The folder of a recording, or a file in it, could not be created, read or written.
    #[error("could not use the recording at {}; check that the folder exists and may be used", path.display())]
    Recording {
        /// The file or folder at fault.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// There is a recording in the folder already.
    #[error("{} holds a recording; name a new folder, or move that one away", path.display())]
    NotEmpty {
        /// The folder that was named.
        path: PathBuf,
    },
    /// There is no recording in the folder.
    #[error("no exchange is recorded in {}; name the folder that a recorder wrote", path.display())]
    NothingRecorded {
        /// The folder that was named.
        path: PathBuf,
    },
    /// A file of a recording is not an exchange.
    #[error("{}, line {line}, is not as the recorder writes it; restore the file or remove it", path.display())]
    Damaged {
        /// The file at fault.
        path: PathBuf,
        /// The first line that cannot be read, counted from 1.
        line: usize,
        /// What is wrong in it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A recorded body is not the one that its exchange tells of.
    #[error("{} is not the body that was recorded; restore the file, or remove it and its exchange", path.display())]
    DamagedBody {
        /// The file at fault.
        path: PathBuf,
    },
    /// A recording was written by another version.
    #[error("{} has the format {found}, not {known}; use the version that recorded it, or record it anew", path.display())]
    RecordingFormat {
        /// The first such file.
        path: PathBuf,
        /// The format of the file.
        found: u32,
        /// The only format that this version reads and writes.
        known: u32,
    },
    /// The URL of a host to record cannot be used. It is not repeated here, because it may hold a password.
    #[error(
        "the {class} host to record must be an https URL, or an http one on this machine, without user, query and fragment"
    )]
    Upstream {
        /// The host class of the URL.
        class: HostClass,
    },
    /// The recorder's HTTP client could not be made.
    #[error("no HTTP client could be made; check this machine's TLS certificates and proxy settings")]
    Client {
        /// What is wrong with them.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
