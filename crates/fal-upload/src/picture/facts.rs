//! What is known of a picture without decoding it.

use super::{Orientation, PictureFormat, PictureLimits, PictureProblem};

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
    /// Which way up it is shown: by EXIF in JPEG, PNG and WebP, by its own properties in AVIF.
    pub orientation: Orientation,
    /// Whether its header says that it moves. A GIF that is not repeated does not say so.
    pub animated: bool,
    /// Size of the file in bytes.
    pub bytes: u64,
}

impl PictureFacts {
    /// Width and height in pixels, as it is shown.
    pub fn displayed(&self) -> (u32, u32) {
        let (width, height) = (self.width, self.height);
        if self.orientation.swaps_sides() { (height, width) } else { (width, height) }
    }

    /// Width divided by height, as it is shown.
    pub fn aspect(&self) -> f64 {
        let (width, height) = self.displayed();
        f64::from(width) / f64::from(height)
    }

    /// Everything about it that is not within the limits.
    pub fn problems(&self, limits: &PictureLimits) -> Vec<PictureProblem> {
        let ((width, height), aspect) = (self.displayed(), self.aspect());
        let format = (!limits.formats.contains(&self.format))
            .then(|| PictureProblem::Format { format: self.format, allowed: limits.formats.clone() });
        let wide =
            (!limits.width.contains(&width)).then(|| PictureProblem::Width { width, allowed: limits.width.clone() });
        let high = (!limits.height.contains(&height))
            .then(|| PictureProblem::Height { height, allowed: limits.height.clone() });
        let shape = (!limits.aspect.contains(&aspect))
            .then(|| PictureProblem::Aspect { aspect, allowed: limits.aspect.clone() });
        let size =
            (limits.bytes < self.bytes).then_some(PictureProblem::Bytes { bytes: self.bytes, allowed: limits.bytes });
        [format, wide, high, shape, size].into_iter().flatten().collect()
    }
}
