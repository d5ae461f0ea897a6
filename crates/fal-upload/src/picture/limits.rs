//! What a picture must be like.

use std::ops::RangeInclusive;

use super::PictureFormat;

/// What a picture must be like. Sides and shape are those that it is shown with.
///
/// # Defaults
/// - `formats`: all
/// - `width`, `height`, `aspect`, `bytes`: any
#[derive(Debug, Clone, PartialEq)]
pub struct PictureLimits {
    /// The formats that are read.
    pub formats: Vec<PictureFormat>,
    /// Width in pixels.
    pub width: RangeInclusive<u32>,
    /// Height in pixels.
    pub height: RangeInclusive<u32>,
    /// Width divided by height.
    pub aspect: RangeInclusive<f64>,
    /// The most bytes that the file may have.
    pub bytes: u64,
}

impl Default for PictureLimits {
    fn default() -> Self {
        Self {
            formats: PictureFormat::ALL.to_vec(),
            width: 0..=u32::MAX,
            height: 0..=u32::MAX,
            aspect: 0.0..=f64::INFINITY,
            bytes: u64::MAX,
        }
    }
}
