//! A file's content, piece by piece in its order, with proof at the end that it is what was hashed.

use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::blocking::blocking;
use crate::source::ReadSeek;
use crate::transfer::{FileHead, UNIT};
use crate::{ContentHash, ContentHasher, Error, FileError, FileProblem, Source};

/// Content that has been opened, at its beginning.
pub(crate) struct Pieces {
    reader: Box<dyn ReadSeek>,
    hasher: ContentHasher,
    expected: ContentHash,
    label: String,
    next: u32,
}

/// A piece of a file.
pub(crate) struct Piece {
    /// From 1 on.
    pub(crate) number: u32,
    pub(crate) bytes: Bytes,
    /// The memory that it takes, until it is dropped.
    pub(crate) permit: OwnedSemaphorePermit,
}

impl Pieces {
    /// Opens the content of a file.
    pub(crate) async fn open(source: &Source, file: &FileHead) -> Result<Self, Error> {
        let (source, expected, bytes) = (source.clone(), file.content_hash, file.bytes);
        blocking(move || {
            let (reader, length) = source.open(u64::MAX)?;
            if length != bytes {
                return Err(FileError::new(source.label(), FileProblem::Changed).into());
            }
            Ok(Self { reader, hasher: ContentHasher::default(), expected, label: source.label(), next: 1 })
        })
        .await
    }

    /// All of it at once, with the memory that it takes. Fails when it is no longer what was hashed.
    pub(crate) async fn whole(
        self,
        bytes: u64,
        memory: Arc<Semaphore>,
    ) -> Result<(Bytes, OwnedSemaphorePermit), Error> {
        let size = usize::try_from(bytes).unwrap_or(usize::MAX);
        let permit = room(memory, size).await?;
        // One byte more, where there is one, changes the hash.
        let (pieces, bytes) = blocking(move || self.read(size.saturating_add(1))).await?;
        pieces.proven()?;
        Ok((bytes, permit))
    }

    /// Pieces of this size; the last one may be smaller. Each waits until there is memory for it. Fails at the end
    /// when the content is no longer what was hashed.
    pub(crate) fn of(self, size: usize, memory: Arc<Semaphore>) -> impl Stream<Item = Result<Piece, Error>> {
        stream::try_unfold(self, move |pieces| {
            let memory = Arc::clone(&memory);
            async move {
                let permit = room(memory, size).await?;
                let (pieces, bytes) = blocking(move || pieces.read(size)).await?;
                if bytes.is_empty() {
                    return pieces.proven().map(|()| None);
                }
                let piece = Piece { number: pieces.next - 1, bytes, permit };
                Ok(Some((piece, pieces)))
            }
        })
    }

    fn read(mut self, size: usize) -> Result<(Self, Bytes), Error> {
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(size as u64).read_to_end(&mut bytes);
        read.map_err(|error| FileError::new(self.label.clone(), FileProblem::Unreadable).with_source(error))?;
        self.hasher.update(&bytes);
        self.next = self.next.saturating_add(1);
        Ok((self, bytes.into()))
    }

    fn proven(self) -> Result<(), Error> {
        match self.hasher.finish() == self.expected {
            true => Ok(()),
            false => Err(FileError::new(self.label, FileProblem::Changed).into()),
        }
    }
}

/// Waits until so many bytes may be in memory.
async fn room(memory: Arc<Semaphore>, bytes: usize) -> Result<OwnedSemaphorePermit, Error> {
    let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
    // It is never closed.
    memory.acquire_many_owned(units).await.map_err(|_| Error::ShuttingDown)
}
