//! Reads a header with little reading: what does not matter is skipped.

use std::io::{self, BufReader, ErrorKind, Read, Seek};

use super::Orientation;

/// How much is read at a time. Most headers fit.
const BUFFER: usize = 4 << 10;
/// So many chunks, segments or boxes are looked at; no honest header has more before what matters.
const MOST_STEPS: u32 = 1_000;
/// The longest piece that is read into memory: the description of an AVIF of many tiles.
const LONGEST_PIECE: u64 = 1 << 20;
/// How much of a file tells its format.
const BEGINNING: u64 = 64;

/// What a header says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) orientation: Orientation,
    pub(super) animated: bool,
}

/// Why a header says nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeaderError {
    /// It begins like no picture.
    #[error("it begins like none of them")]
    NotAPicture,
    /// It begins like a picture, and does not go on like one.
    #[error("its header is damaged: {0}")]
    Damaged(&'static str),
    /// The system does not let it be read.
    #[error("the system does not let it be read")]
    Unreadable(#[source] io::Error),
}

const ENDS_EARLY: HeaderError = HeaderError::Damaged("it ends early");

impl From<io::Error> for HeaderError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // The latter is a place beyond what a file can have.
            ErrorKind::UnexpectedEof | ErrorKind::InvalidInput => ENDS_EARLY,
            _ => Self::Unreadable(error),
        }
    }
}

/// Reads a header from its beginning.
pub(super) struct HeaderReader<R> {
    reader: BufReader<R>,
    steps: u32,
}

impl<R: Read + Seek> HeaderReader<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(BUFFER, reader), steps: 0 }
    }

    /// The first bytes, less where there are not so many; reading begins with them again.
    pub(super) fn beginning(&mut self) -> Result<Vec<u8>, HeaderError> {
        let mut beginning = Vec::new();
        self.reader.by_ref().take(BEGINNING).read_to_end(&mut beginning)?;
        self.reader.seek_relative(-i64::try_from(beginning.len()).unwrap_or(0))?;
        Ok(beginning)
    }

    /// The next bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], HeaderError> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// So many of the next bytes.
    pub(super) fn piece(&mut self, length: u64) -> Result<Vec<u8>, HeaderError> {
        if LONGEST_PIECE < length {
            return Err(HeaderError::Damaged("a part of it is longer than any camera makes it"));
        }
        let mut piece = Vec::new();
        if self.reader.by_ref().take(length).read_to_end(&mut piece)? as u64 == length {
            Ok(piece)
        } else {
            Err(ENDS_EARLY)
        }
    }

    /// Passes over so many bytes, without reading those that are far away.
    pub(super) fn skip(&mut self, length: u64) -> Result<(), HeaderError> {
        let length = i64::try_from(length).map_err(|_| ENDS_EARLY)?;
        Ok(self.reader.seek_relative(length)?)
    }

    pub(super) fn position(&mut self) -> Result<u64, HeaderError> {
        Ok(self.reader.stream_position()?)
    }

    /// Counts a chunk, so that a file of nothing but chunks ends.
    pub(super) fn step(&mut self) -> Result<(), HeaderError> {
        self.steps += 1;
        if MOST_STEPS < self.steps { Err(HeaderError::Damaged("it has no end")) } else { Ok(()) }
    }
}
