//! Small MP4 files and pictures.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};

fn mp4_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(8 + content.len()).unwrap();
    [&size.to_be_bytes()[..], kind, content].concat()
}

/// A whole MP4 file, as far as its boxes are concerned.
pub(crate) fn film() -> Vec<u8> {
    let media: Vec<u8> = (0..20_000u32).map(|number| number as u8).collect();
    [mp4_box(b"ftyp", b"isom\0\0\x02\0isomavc1"), mp4_box(b"moov", &[1; 300]), mp4_box(b"mdat", &media)].concat()
}

/// A PNG whose pixels all differ.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, (x >> 8) as u8]));
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}
