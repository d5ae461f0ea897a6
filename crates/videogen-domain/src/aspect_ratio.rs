//! The relation of a picture's width to its height.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Width to height, as written: `16:9`; for serde too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AspectRatio {
    width: u32,
    height: u32,
}

impl AspectRatio {
    /// The four aspect ratios that every request may ask for.
    pub const COMMON: [Self; 4] = [Self::of(16, 9), Self::of(9, 16), Self::of(1, 1), Self::of(4, 5)];

    pub(crate) const fn of(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// The part of the ratio that stands for the width.
    pub fn width(self) -> u32 {
        self.width
    }

    /// The part of the ratio that stands for the height.
    pub fn height(self) -> u32 {
        self.height
    }

    /// Whether a picture of this size, in pixels, has the ratio to within one pixel.
    pub fn fits(self, width: u32, height: u32) -> bool {
        let exact_height = f64::from(width) * f64::from(self.height) / f64::from(self.width);
        let exact_width = f64::from(height) * f64::from(self.width) / f64::from(self.height);
        (exact_height - f64::from(height)).abs() <= 1.0 || (exact_width - f64::from(width)).abs() <= 1.0
    }

    /// The size of the largest part of a picture that has the ratio; at least a pixel each way.
    pub fn cropped(self, width: u32, height: u32) -> (u32, u32) {
        let (wide, high) = self.scaled(width, height);
        (width.min(wide), height.min(high))
    }

    /// The size of the smallest canvas of the ratio that a picture fits on.
    pub fn padded(self, width: u32, height: u32) -> (u32, u32) {
        let (wide, high) = self.scaled(width, height);
        (width.max(wide), height.max(high))
    }

    /// The width that goes with the height, and the height that goes with the width.
    fn scaled(self, width: u32, height: u32) -> (u32, u32) {
        let part = |length: u32, mul: u32, div: u32| {
            let rounded = (u64::from(length) * u64::from(mul) + u64::from(div) / 2) / u64::from(div);
            u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
        };
        (part(height, self.width, self.height), part(width, self.height, self.width))
    }
}

impl fmt::Display for AspectRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.width, self.height)
    }
}

/// The text is not of the form `16:9`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an aspect ratio; write width and height as in 16:9")]
pub struct ParseAspectRatioError(String);

impl std::str::FromStr for AspectRatio {
    type Err = ParseAspectRatioError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let part = |part: &str| part.trim().parse::<u32>().ok().filter(|number| (1..=10_000).contains(number));
        text.split_once(':')
            .and_then(|(width, height)| Some(Self::of(part(width)?, part(height)?)))
            .ok_or_else(|| ParseAspectRatioError(text.to_owned()))
    }
}

impl Serialize for AspectRatio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AspectRatio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_it_is_read() {
        for text in ["16:9", "9:16", "1:1", "4:5", "21:9"] {
            assert_eq!(text.parse::<AspectRatio>().unwrap().to_string(), text);
        }
        for text in ["", "16", "16:", "16:0", "a:b", "16:9:1", "-1:2", "16x9"] {
            assert!(text.parse::<AspectRatio>().is_err(), "{text}");
        }
    }

    #[test]
    fn cropping_never_grows_a_picture_and_padding_never_shrinks_it() {
        let wide: AspectRatio = "16:9".parse().unwrap();
        for (size, cropped, padded) in [
            ((1024, 768), (1024, 576), (1365, 768)),
            ((1, 1), (1, 1), (2, 1)),
            ((u32::MAX, 1), (2, 1), (u32::MAX, 2_415_919_103)),
        ] {
            assert_eq!((wide.cropped(size.0, size.1), wide.padded(size.0, size.1)), (cropped, padded), "{size:?}");
        }
    }

    #[test]
    fn a_picture_fits_to_within_a_pixel() {
        let wide: AspectRatio = "16:9".parse().unwrap();
        assert!(wide.fits(1920, 1080) && wide.fits(1366, 768));
        assert!(!wide.fits(1024, 768) && !wide.fits(1080, 1920));
    }
}
