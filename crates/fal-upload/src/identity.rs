//! What a file is known by: its content, and what kind of content that is.

use std::io::Read;
use std::time::SystemTime;

use crate::blocking::blocking;
use crate::{ContentHash, Error, FileError, FileProblem, FileStamp, KnownFile, PictureFormat, Source, UploadCache};

/// What a file is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) content_hash: ContentHash,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: u64,
}

/// The type of content that is none of ours to know.
const ANYTHING: &str = "application/octet-stream";

/// Finds out what a file is. One that has not changed since it was last looked at is not read again.
pub(crate) async fn identify(source: &Source, cache: &dyn UploadCache, largest: u64) -> Result<Identity, Error> {
    let stamp = {
        let source = source.clone();
        blocking(move || Ok(FileStamp::of(&source))).await?
    };
    if let Some(stamp) = &stamp
        && stamp.bytes <= largest
        && let Some(known) = cache.known_file(stamp).await
    {
        let media_type = known.media_type.as_deref().and_then(known_type).unwrap_or(ANYTHING);
        return Ok(Identity { content_hash: known.content_hash, media_type, bytes: stamp.bytes });
    }
    let began = SystemTime::now();
    let source = source.clone();
    let (identity, after) = blocking(move || Ok((read(&source, largest)?, FileStamp::of(&source)))).await?;
    // Only a file that has rested is known by its times: their clock may be too coarse to tell two writes apart.
    if let (Some(stamp), Some(after)) = (stamp, after)
        && stamp == after
        && stamp.has_rested_before(began)
    {
        let known = KnownFile {
            content_hash: identity.content_hash,
            media_type: (identity.media_type != ANYTHING).then(|| identity.media_type.to_owned()),
        };
        cache.know_file(&stamp, known).await;
    }
    Ok(identity)
}

/// Reads all of it once, in pieces. Blocks.
fn read(source: &Source, largest: u64) -> Result<Identity, Error> {
    let unreadable = |error| FileError::new(source.label(), FileProblem::Unreadable).with_source(error);
    let (mut reader, bytes) = source.open(largest)?;
    let mut beginning = Vec::new();
    reader.by_ref().take(64).read_to_end(&mut beginning).map_err(unreadable)?;
    reader.rewind().map_err(unreadable)?;
    let media_type = PictureFormat::of(&beginning).map_or(ANYTHING, |format| format.media_type());
    let content_hash = ContentHash::of_reader(reader).map_err(unreadable)?;
    Ok(Identity { content_hash, media_type, bytes })
}

fn known_type(media_type: &str) -> Option<&'static str> {
    PictureFormat::ALL.iter().map(|format| format.media_type()).find(|known| *known == media_type)
}
