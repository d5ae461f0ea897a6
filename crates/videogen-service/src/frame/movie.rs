//! A video that is read where it is kept, a piece at a time.

use bytes::Bytes;

use super::FrameError;
use super::track::Sample;
use crate::AssetStore;

/// How much is read at a time, in bytes: samples stand beside each other.
const PIECE: u64 = 1 << 20;
/// The most boxes at the top of a file that are looked at for the one that is wanted.
const MOST_BOXES: usize = 1000;
/// The largest `moov` box and sample that are read, in bytes.
const LARGEST: u64 = 32 << 20;

/// A video in an asset store.
pub(super) struct Movie<'a> {
    assets: &'a dyn AssetStore,
    name: &'a str,
    bytes: u64,
    /// The piece that was read last, and where it begins.
    piece: Bytes,
    start: u64,
}

impl<'a> Movie<'a> {
    pub(super) async fn open(assets: &'a dyn AssetStore, name: &'a str) -> Result<Self, FrameError> {
        let opened = assets.open(name).await?;
        let bytes = opened.ok_or_else(|| FrameError::NoVideo { name: name.to_owned() })?.bytes;
        Ok(Self { assets, name, bytes, piece: Bytes::new(), start: 0 })
    }

    /// The content of the `moov` box.
    pub(super) async fn moov(&mut self) -> Result<Bytes, FrameError> {
        let mut at = 0;
        for _ in 0..MOST_BOXES {
            let Some(left) = self.bytes.checked_sub(at).filter(|left| 8 <= *left) else { break };
            let header = self.read(at, left.min(16)).await?;
            let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
            let (size, header_size) = match (number(&header[..4]), header.get(8..16)) {
                (0, _) => (left, 8),
                (1, Some(long)) => (number(long), 16),
                (short, _) => (short, 8),
            };
            if size < header_size || left < size {
                break;
            }
            if &header[4..8] == b"moov" {
                return self.read(at + header_size, size - header_size).await;
            }
            at += size;
        }
        Err(FrameError::Damaged { problem: "it does not say what is in it" })
    }

    pub(super) async fn sample(&mut self, sample: Sample) -> Result<Bytes, FrameError> {
        self.read(sample.offset, u64::from(sample.size)).await
    }

    async fn read(&mut self, at: u64, size: u64) -> Result<Bytes, FrameError> {
        let end = at.checked_add(size).filter(|end| size <= LARGEST && *end <= self.bytes);
        let end = end.ok_or(FrameError::Damaged { problem: "it ends before what should be in it" })?;
        let is_here = self.start <= at && end <= self.start + self.piece.len() as u64;
        if !is_here {
            let upto = end.max(at.saturating_add(PIECE).min(self.bytes));
            self.piece = self.assets.read(self.name, at..upto).await?;
            self.start = at;
        }
        // Both are within the piece, which is in memory.
        let from = (at - self.start) as usize;
        Ok(self.piece.slice(from..from + size as usize))
    }
}
