//! The body of an answer as it comes in: text stays in memory, what is long and no text goes to the disk at once.

use std::io::Write;

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use tempfile::NamedTempFile;

use crate::error::Error;
use crate::record::exchange::BodyFile;
use crate::record::folder::Folder;

/// Up to here, in bytes, everything stays in memory: a short file may still turn out to be text.
const SHORT: usize = 1024 * 1024;
/// The longest text that is kept, in bytes. Secrets must be taken out of it before it is written, so it has to fit into memory.
const LONGEST_TEXT: usize = 100 * 1024 * 1024;

/// What has arrived so far.
pub(super) enum Tape {
    Memory(Vec<u8>),
    Disk(Spool),
    Events {
        events: Vec<(u64, String)>,
        bytes: usize,
    },
    /// Nothing that may be written: a text that is too long, or that is compressed and may hide anything.
    Unreadable,
}

/// A body on its way into a file.
pub(super) struct Spool {
    file: NamedTempFile,
    hash: Context,
    bytes: u64,
}

impl Default for Tape {
    fn default() -> Self {
        Self::Memory(Vec::new())
    }
}

impl Tape {
    pub(super) fn events() -> Self {
        Self::Events { events: Vec::new(), bytes: 0 }
    }

    /// Adds a piece of the body. A piece for the disk is written at once, which takes as long as a copy in memory does.
    pub(super) fn add(&mut self, piece: &[u8], folder: &Folder) -> Result<(), Error> {
        match self {
            Self::Memory(bytes) => {
                let was_short = bytes.len() <= SHORT;
                bytes.extend_from_slice(piece);
                if bytes.len() > LONGEST_TEXT {
                    *self = Self::Unreadable;
                } else if was_short && bytes.len() > SHORT && !begins_as_text(bytes) {
                    let mut spool = Spool::new(folder)?;
                    spool.add(bytes)?;
                    *self = Self::Disk(spool);
                }
            }
            Self::Disk(spool) => spool.add(piece)?,
            Self::Events { .. } | Self::Unreadable => {}
        }
        Ok(())
    }

    /// Adds a server-sent event, `at_ms` milliseconds after the head of the answer.
    pub(super) fn add_event(&mut self, at_ms: u64, text: &str) {
        if let Self::Events { events, bytes } = self {
            *bytes += text.len();
            events.push((at_ms, text.to_owned()));
            if *bytes > LONGEST_TEXT {
                *self = Self::Unreadable;
            }
        }
    }
}

impl Spool {
    pub(super) fn new(folder: &Folder) -> Result<Self, Error> {
        Ok(Self { file: folder.spool()?, hash: Context::new(&SHA256), bytes: 0 })
    }

    pub(super) fn add(&mut self, piece: &[u8]) -> Result<(), Error> {
        let path = self.file.path().to_owned();
        self.file.write_all(piece).map_err(|source| Error::Recording { path, source })?;
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
        Ok(())
    }

    /// Makes it a file of the recording. Blocks on the disk.
    pub(super) fn keep(self, folder: &Folder, name: String) -> Result<BodyFile, Error> {
        folder.keep(self.file, &name)?;
        let sha256 = HEXLOWER.encode(self.hash.finish().as_ref());
        Ok(BodyFile { name, bytes: self.bytes, sha256, content: None })
    }
}

/// Whether these bytes are UTF-8, perhaps cut inside of the last character.
fn begins_as_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}
