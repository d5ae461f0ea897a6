//! What a picture is, read from the beginning of the file.

use std::io::BufReader;

use image::{ImageFormat, ImageReader};

use crate::error::{Error, FileError, FileProblem};
use crate::source::{ReadSeek, Source};

/// A picture format that fal's models read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
}

impl PictureFormat {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::WebP];

    /// A stable name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::WebP => "webp",
        }
    }

    /// The media type, for example `image/png`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    fn from_image(format: ImageFormat) -> Option<Self> {
        match format {
            ImageFormat::Png => Some(Self::Png),
            ImageFormat::Jpeg => Some(Self::Jpeg),
            ImageFormat::WebP => Some(Self::WebP),
            _ => None,
        }
    }
}

/// What is known of a picture without decoding it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PictureFacts {
    /// The format by content; the name of the file does not matter.
    pub format: PictureFormat,
    /// Width in pixels, as stored.
    pub width: u32,
    /// Height in pixels, as stored.
    pub height: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// Finds out what a picture is, on a blocking thread.
///
/// # Errors
/// [`Error::File`] when it cannot be read or is no PNG, JPEG or WebP.
pub async fn inspect(source: &Source) -> Result<PictureFacts, Error> {
    let source = source.clone();
    crate::blocking::blocking(move || facts(&source)).await
}

fn facts(source: &Source) -> Result<PictureFacts, Error> {
    let (reader, bytes) = source.open(u64::MAX)?;
    let not_an_image = || FileError::new(source.label(), FileProblem::NotAnImage);
    let reader = guessed(reader).map_err(|error| not_an_image().with_source(error))?;
    let format = reader.format().and_then(PictureFormat::from_image).ok_or_else(not_an_image)?;
    let (width, height) = reader.into_dimensions().map_err(|error| not_an_image().with_source(error))?;
    Ok(PictureFacts { format, width, height, bytes })
}

/// The format of bytes by their beginning.
pub(crate) fn format_of(beginning: &[u8]) -> Option<PictureFormat> {
    image::guess_format(beginning).ok().and_then(PictureFormat::from_image)
}

fn guessed(reader: Box<dyn ReadSeek>) -> std::io::Result<ImageReader<BufReader<Box<dyn ReadSeek>>>> {
    ImageReader::new(BufReader::new(reader)).with_guessed_format()
}
