//! Single frames of a finished video, as pictures.

#[cfg(feature = "frames")]
mod bits;
#[cfg(feature = "frames")]
mod colour;
#[cfg(feature = "frames")]
mod h264;
#[cfg(feature = "frames")]
mod movie;
#[cfg(feature = "frames")]
mod reader;
#[cfg(feature = "frames")]
mod track;

use std::error::Error as StdError;
use std::fmt::Debug;

use bytes::Bytes;
use videogen_domain::{Failure, FailureKind, Recovery};

use crate::{AssetError, AssetStore, error_chain};

#[cfg(feature = "frames")]
pub use reader::H264FrameReader;

/// Which frame of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhichFrame {
    /// The one that is shown first.
    First,
    /// The one that is shown last.
    Last,
}

/// A frame, as a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// A PNG.
    pub png: Bytes,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
}

/// Takes single frames out of videos.
#[async_trait::async_trait]
pub trait FrameReader: Debug + Send + Sync {
    /// A frame of a video that is kept.
    ///
    /// # Errors
    /// When the video cannot be read, or is of a kind that this reader does not know.
    async fn frame(&self, assets: &dyn AssetStore, name: &str, which: WhichFrame) -> Result<Frame, FrameError>;
}

/// A frame that cannot be had. The video is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// There is no such video.
    #[error("there is no video {name}")]
    NoVideo {
        /// What it was called.
        name: String,
    },
    /// The video cannot be read.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// Its pictures are coded in a way that is not known here.
    #[error("the video is coded as {codec}, of which no frames can be taken here")]
    Codec {
        /// The name of the code.
        codec: String,
    },
    /// It is not built as it should be.
    #[error("the video is damaged, or built in a way that is not known here: {problem}")]
    Damaged {
        /// What is wrong.
        problem: &'static str,
    },
    /// It cannot be decoded.
    #[error("no frame can be taken out of the video")]
    Decoder {
        /// What the decoder says.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl From<FrameError> for Failure {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Asset(error) => error.into(),
            FrameError::NoVideo { .. } => {
                let advice = "List the videos to see what there is.";
                Self::new(FailureKind::InvalidRequest, Recovery::Never, error.to_string(), advice)
            }
            _ => {
                let advice = "The video is kept. Take the frame with another program, and go on with it as a picture.";
                Self::new(FailureKind::BadVideo, Recovery::Never, error_chain(&error), advice)
            }
        }
    }
}
