//! What is known of a picture without decoding it.

use crate::{AspectRatio, Fit};

/// What is known of a picture without decoding it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFacts {
    /// The format by content, in lower case: `png`, `jpeg`, `webp`, `gif`, `avif`.
    pub format: String,
    /// Width in pixels, as it is shown.
    pub width: u32,
    /// Height in pixels, as it is shown.
    pub height: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
}

impl ImageFacts {
    /// The facts after the picture was brought to an aspect ratio; its bytes are not known then, and told as 0.
    pub(crate) fn reshaped(&self, ratio: AspectRatio, fit: Fit) -> Self {
        let (width, height) = match fit {
            Fit::Crop => ratio.cropped(self.width, self.height),
            Fit::Pad => ratio.padded(self.width, self.height),
            Fit::None => (self.width, self.height),
        };
        Self { format: self.format.clone(), width, height, bytes: 0 }
    }
}
