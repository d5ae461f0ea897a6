//! Pictures with detail everywhere, so that a move of the camera can be measured.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

/// Soft hills of colour with rings around a point off the centre: no two parts look alike.
pub(crate) fn landscape(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(width));
        let rings = ((u - 0.3).hypot(v - 0.2) * 60.0).sin();
        let waves = (u * 23.0 + (v * 17.0).sin() * 2.0).sin();
        let level = |value: f64| (128.0 + 100.0 * value).clamp(0.0, 255.0) as u8;
        Rgb([level(0.7 * rings + 0.3 * waves), level(0.5 * waves + 0.4 * rings), level(u - v)])
    })
}

pub(crate) fn png(picture: &RgbImage) -> Vec<u8> {
    encoded(picture, ImageFormat::Png)
}

pub(crate) fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("is encoded");
    bytes.into_inner()
}
