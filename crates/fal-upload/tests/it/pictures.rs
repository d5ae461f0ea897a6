//! Pictures, made by the encoder itself.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use fal_upload::Source;
use image::{ImageFormat, RgbImage};

pub(crate) fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90])).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn png() -> Vec<u8> {
    picture(ImageFormat::Png, 40, 30)
}

pub(crate) fn saved(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

pub(crate) fn in_memory(name: &str, bytes: impl Into<Vec<u8>>) -> Source {
    Source::Bytes { name: name.to_owned(), bytes: bytes.into().into() }
}
