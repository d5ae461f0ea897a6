//! What is not within the limits of a picture.

use std::fmt;
use std::ops::RangeInclusive;

use super::PictureFormat;
use super::format::titles;
use crate::size::size;

/// Something about a picture that is not within its limits.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PictureProblem {
    /// Its format is none of those that are read.
    Format {
        /// Its format.
        format: PictureFormat,
        /// Those that are read.
        allowed: Vec<PictureFormat>,
    },
    /// It is too narrow or too wide.
    Width {
        /// Its width in pixels, as shown.
        width: u32,
        /// What it may be.
        allowed: RangeInclusive<u32>,
    },
    /// It is too low or too high.
    Height {
        /// Its height in pixels, as shown.
        height: u32,
        /// What it may be.
        allowed: RangeInclusive<u32>,
    },
    /// It is too narrow or too wide for its height.
    Aspect {
        /// Its width divided by its height, as shown.
        aspect: f64,
        /// What it may be.
        allowed: RangeInclusive<f64>,
    },
    /// Its file is too large.
    Bytes {
        /// Its size in bytes.
        bytes: u64,
        /// The most that it may have.
        allowed: u64,
    },
}

impl fmt::Display for PictureProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format { format, allowed } => write!(f, "is {} and must be {}", format.title(), titles(allowed)),
            Self::Width { width, allowed } => {
                write!(f, "is {width} pixels wide and must be {}", span(allowed, u32::MAX))
            }
            Self::Height { height, allowed } => {
                write!(f, "is {height} pixels high and must be {}", span(allowed, u32::MAX))
            }
            Self::Aspect { aspect, allowed } => {
                match (aspect * 1e4).round() / 1e4 {
                    // In full where it would read as if it were within.
                    rounded if allowed.contains(&rounded) => write!(f, "is {aspect}")?,
                    _ => write!(f, "is {aspect:.4}")?,
                }
                write!(f, " times as wide as high and must be {}", span(allowed, f64::INFINITY))
            }
            Self::Bytes { bytes, allowed } => write!(f, "has {} and may have {} at most", size(*bytes), size(*allowed)),
        }
    }
}

fn span<T: fmt::Display + PartialOrd + Default>(allowed: &RangeInclusive<T>, open: T) -> String {
    let (least, most) = (allowed.start(), allowed.end());
    match (*least <= T::default(), *most >= open) {
        (_, true) => format!("at least {least}"),
        (true, false) => format!("at most {most}"),
        (false, false) => format!("{least} to {most}"),
    }
}
