//! Decodes samples of H.264, on a thread where that may take its time.

use bytes::Bytes;
use openh264::OpenH264API;
use openh264::decoder::{DecodeOptions, DecodedYUV, Decoder, DecoderConfig, Flush};
use openh264::formats::YUVSource;
use tokio::sync::mpsc::Receiver;

use super::colour::Colours;
use super::track::Track;
use super::{FrameError, WhichFrame};

/// How many pictures a decoder may hold back to bring them into order (ITU-T H.264, annex A).
const REORDERED: usize = 16;

/// A decoded picture.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) rgb: Vec<u8>,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Decodes `count` samples as they come, and brings the first or the last picture that they show.
pub(super) fn decode(
    track: &Track,
    which: WhichFrame,
    count: usize,
    mut samples: Receiver<Bytes>,
) -> Result<Picture, FrameError> {
    let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
    let mut decoder = Decoder::with_api_config(OpenH264API::from_source(), config).map_err(failed)?;
    let mut stream = track.parameter_sets.clone();
    let (mut shown, mut seen) = (None, 0);
    while let Some(sample) = samples.blocking_recv() {
        seen += 1;
        append(&mut stream, &sample, track.length_size)?;
        let picture = decoder.decode_with_options(&stream, DecodeOptions::new()).map_err(failed)?;
        stream.clear();
        // An earlier picture cannot be the last one, and need not be made.
        let is_wanted = which == WhichFrame::First || count <= seen + REORDERED;
        if let Some(picture) = picture.filter(|_| is_wanted) {
            shown = Some(rgb(&picture, track)?);
            if which == WhichFrame::First {
                break;
            }
        }
    }
    if which == WhichFrame::Last && seen < count {
        return Err(FrameError::Damaged { problem: "it ends before its last picture" });
    }
    let held_back = decoder.flush_remaining().map_err(failed)?;
    let held_back = match which {
        WhichFrame::First if shown.is_some() => None,
        WhichFrame::First => held_back.first(),
        WhichFrame::Last => held_back.last(),
    };
    match (held_back, shown) {
        (Some(picture), _) => rgb(picture, track),
        (None, Some(picture)) => Ok(picture),
        (None, None) => Err(FrameError::Damaged { problem: "it shows no picture" }),
    }
}

/// A sample has lengths where a stream has start codes.
fn append(stream: &mut Vec<u8>, mut sample: &[u8], length_size: usize) -> Result<(), FrameError> {
    while !sample.is_empty() {
        let cut = sample.split_at_checked(length_size).and_then(|(length, rest)| {
            let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            rest.split_at_checked(length)
        });
        let (unit, rest) = cut.ok_or(FrameError::Damaged { problem: "a picture is cut off" })?;
        stream.extend([0, 0, 0, 1]);
        stream.extend(unit);
        sample = rest;
    }
    Ok(())
}

fn rgb(picture: &DecodedYUV<'_>, track: &Track) -> Result<Picture, FrameError> {
    let (width, height) = picture.dimensions();
    let (luma_stride, blue_stride, red_stride) = picture.strides();
    let colours = Colours::of(&track.sequence_parameter_set, height);
    let mut rgb = Vec::with_capacity(3 * width * height);
    let rows = picture.y().chunks(luma_stride.max(1)).take(height).enumerate();
    for (row, luma) in rows {
        let blue = picture.u().get(row / 2 * blue_stride..).unwrap_or_default();
        let red = picture.v().get(row / 2 * red_stride..).unwrap_or_default();
        for (column, luma) in luma.iter().take(width).enumerate() {
            let chroma = |row: &[u8]| row.get(column / 2).copied().unwrap_or(128);
            rgb.extend(colours.rgb(*luma, chroma(blue), chroma(red)));
        }
    }
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or_default();
    match rgb.len() == 3 * width * height && !rgb.is_empty() {
        true => Ok(Picture { rgb, width: side(width), height: side(height) }),
        false => Err(FrameError::Damaged { problem: "a picture has not the size that it says" }),
    }
}

fn failed(error: openh264::Error) -> FrameError {
    FrameError::Decoder { source: Box::new(error) }
}
