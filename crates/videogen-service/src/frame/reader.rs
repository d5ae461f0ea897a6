//! Frames of H.264 in MP4.

use std::io::Cursor;
use std::sync::Arc;

use image::{ImageFormat, RgbImage};
use tokio::sync::mpsc::{Sender, channel};

use super::movie::Movie;
use super::track::{Sample, Track};
use super::{Frame, FrameError, FrameReader, WhichFrame, h264};
use crate::AssetStore;

/// How many samples are read ahead of the decoder.
const AHEAD: usize = 4;

/// Reads frames of H.264 in MP4, which is what models on fal send. The video is read from the last picture that stands
/// by itself, a piece at a time, and decoded on a thread of its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct H264FrameReader;

#[async_trait::async_trait]
impl FrameReader for H264FrameReader {
    async fn frame(&self, assets: &dyn AssetStore, name: &str, which: WhichFrame) -> Result<Frame, FrameError> {
        let mut movie = Movie::open(assets, name).await?;
        let track = Arc::new(Track::of(&movie.moov().await?)?);
        let wanted = match which {
            WhichFrame::First => &track.samples[..],
            WhichFrame::Last => &track.samples[track.last_sync..],
        };
        let (sender, samples) = channel(AHEAD);
        let decoded = tokio::task::spawn_blocking({
            let (track, count) = (Arc::clone(&track), wanted.len());
            move || h264::decode(&track, which, count, samples).and_then(png)
        });
        read_ahead(&mut movie, wanted, sender).await?;
        match decoded.await {
            Ok(frame) => frame,
            Err(error) => Err(FrameError::Decoder { source: Box::new(error) }),
        }
    }
}

/// Gives the samples to the decoder, until it wants no more.
async fn read_ahead(
    movie: &mut Movie<'_>,
    samples: &[Sample],
    decoder: Sender<bytes::Bytes>,
) -> Result<(), FrameError> {
    for &sample in samples {
        if decoder.send(movie.sample(sample).await?).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn png(picture: h264::Picture) -> Result<Frame, FrameError> {
    let h264::Picture { rgb, width, height } = picture;
    let image = RgbImage::from_raw(width, height, rgb);
    let image = image.ok_or(FrameError::Damaged { problem: "a picture has not the size that it says" })?;
    let mut png = Cursor::new(Vec::new());
    let written = image.write_to(&mut png, ImageFormat::Png);
    written.map_err(|error| FrameError::Decoder { source: Box::new(error) })?;
    Ok(Frame { png: png.into_inner().into(), width, height })
}
