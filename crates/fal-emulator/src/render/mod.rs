//! A still picture becomes a video: the camera moves over it as the prompt says.

mod camera;
mod encode;
mod film;
mod picture;
mod prompt;
mod sampler;
mod size;
mod source;

use tokio_util::sync::CancellationToken;

use crate::render::camera::Camera;
use crate::render::film::Progress;
use crate::render::source::Source;

pub(crate) use picture::Picture;
pub(crate) use size::{Size, size};

/// Frames per second of every video.
const FRAME_RATE: u32 = 24;

/// What is to be filmed, besides the picture.
pub(crate) struct Order {
    /// Names the camera move.
    pub(crate) prompt: String,
    pub(crate) seconds: u32,
    pub(crate) size: Size,
}

/// Why there is no video.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The rendering was cancelled.
    Asked,
    /// The codec or the container failed.
    Broken(String),
}

/// Renders the whole video to an MP4 in memory. Blocks, and uses two threads.
///
/// `report` is called with the percentage done, each time that `step` more percent are.
pub(crate) fn render(
    picture: &Picture,
    order: &Order,
    step: usize,
    report: &(dyn Fn(usize) + Sync),
    stop: &CancellationToken,
) -> Result<Vec<u8>, Stopped> {
    let camera = Camera::named_in(&order.prompt);
    let source = Source::prepare(picture, order.size);
    let frames = (order.seconds * FRAME_RATE) as usize;
    let progress = Progress::new(frames, step, report);
    let film = film::shoot(&source, &camera, order.size, frames, &progress, stop)?;
    encode::mux(&film, order.size)
}
