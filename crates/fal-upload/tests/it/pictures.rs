//! Pictures, made by the encoder itself.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use fal_upload::Source;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageEncoder, ImageFormat, RgbImage};

pub(crate) fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90])).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG that is shown a quarter turn clockwise from how it is stored.
pub(crate) fn turned_jpeg(width: u32, height: u32) -> Vec<u8> {
    const TURNED: &[u8] = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new(&mut bytes);
    encoder.set_exif_metadata(TURNED.to_vec()).unwrap();
    encoder.encode_image(&RgbImage::new(width, height)).unwrap();
    bytes
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
