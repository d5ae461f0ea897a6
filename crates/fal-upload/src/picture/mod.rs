//! What a picture is, read from the beginning of the file.

mod avif;
mod facts;
mod format;
mod gif;
mod header;
mod jpeg;
mod limits;
mod orientation;
mod png;
mod problem;
mod webp;

use std::io::{Read, Seek};

use self::header::{HeaderError, HeaderReader};
use crate::error::{Error, FileError, FileProblem, PictureError};
use crate::source::Source;

pub use self::facts::PictureFacts;
pub use self::format::PictureFormat;
pub(crate) use self::format::titles;
pub use self::limits::PictureLimits;
pub use self::orientation::Orientation;
pub use self::problem::PictureProblem;

/// Finds out what a picture is, on a blocking thread. Only its header is read, whatever its size.
///
/// # Errors
/// [`Error::File`] when it cannot be read or is no picture in one of the formats of [`PictureFormat`].
pub async fn inspect(source: &Source) -> Result<PictureFacts, Error> {
    let source = source.clone();
    crate::blocking::blocking(move || {
        let (reader, bytes) = source.open(u64::MAX)?;
        Ok(facts(reader, bytes).map_err(|error| unusable(&source, error))?)
    })
    .await
}

/// Finds out what a picture is, and whether it is within these limits.
///
/// # Errors
/// As for [`inspect`]; [`Error::Picture`] with everything that is not within the limits.
pub async fn inspect_within(source: &Source, limits: &PictureLimits) -> Result<PictureFacts, Error> {
    let facts = inspect(source).await?;
    let problems = facts.problems(limits);
    if problems.is_empty() { Ok(facts) } else { Err(PictureError::new(source.label(), problems).into()) }
}

/// What the header of a picture of so many bytes says.
pub(crate) fn facts(reader: impl Read + Seek, bytes: u64) -> Result<PictureFacts, HeaderError> {
    let mut header = HeaderReader::new(reader);
    let format = PictureFormat::of(&header.beginning()?).ok_or(HeaderError::NotAPicture)?;
    let read = match format {
        PictureFormat::Png => png::read(&mut header),
        PictureFormat::Jpeg => jpeg::read(&mut header),
        PictureFormat::WebP => webp::read(&mut header),
        PictureFormat::Gif => gif::read(&mut header),
        PictureFormat::Avif => avif::read(&mut header),
    }?;
    if read.width == 0 || read.height == 0 {
        return Err(HeaderError::Damaged("it says that the picture has no pixels"));
    }
    let header::Header { width, height, orientation, animated } = read;
    Ok(PictureFacts { format, width, height, orientation, animated, bytes })
}

fn unusable(source: &Source, error: HeaderError) -> FileError {
    let problem = match error {
        HeaderError::Unreadable(_) => FileProblem::Unreadable,
        HeaderError::NotAPicture | HeaderError::Damaged(_) => FileProblem::NotAnImage,
    };
    FileError::new(source.label(), problem).with_source(error)
}

#[cfg(test)]
mod tests;
