//! The uploaded picture, decoded and upright.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, RgbImage};

/// A decoded picture.
pub(crate) struct Picture {
    pub(super) pixels: RgbImage,
}

impl Picture {
    /// Decodes PNG, JPEG or WebP, and turns the picture as its EXIF orientation says.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, ImageError> {
        let mut decoder = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?.into_decoder()?;
        // A picture with a broken EXIF block is still a picture.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut image = DynamicImage::from_decoder(decoder)?;
        image.apply_orientation(orientation);
        Ok(Self { pixels: image.into_rgb8() })
    }

    /// A grey square.
    pub(crate) fn grey(side: u32) -> Self {
        Self { pixels: RgbImage::from_pixel(side, side, image::Rgb([128; 3])) }
    }

    /// Width and height in pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        self.pixels.dimensions()
    }

    /// Width over height.
    pub(crate) fn aspect_ratio(&self) -> f64 {
        f64::from(self.pixels.width()) / f64::from(self.pixels.height().max(1))
    }
}
