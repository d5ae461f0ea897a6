//! Frames to H.264, and H.264 to an MP4 that plays while it loads.

use muxide::api::{MuxerBuilder, VideoCodec};
use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, IntraFramePeriod, Profile, QpRange, RateControlMode,
    UsageType, VuiConfig,
};

use crate::render::sampler::Frame;
use crate::render::size::Size;
use crate::render::{FRAME_RATE, Stopped};

/// The same fine quantiser for every frame. A rate control would need to drop frames to keep its promise, and a film
/// must have all of them; the quality of a still that moves is even anyway.
const QUANTISER: QpRange = QpRange::new(23, 23);
/// Bits per pixel and frame that are announced; they decide the level in the stream's header, not the quality.
const BITS_PER_PIXEL: f64 = 0.32;

/// An encoder for one group of pictures; the first frame it is given becomes a key frame.
pub(super) struct GroupEncoder {
    encoder: Encoder,
}

/// One encoded frame.
pub(super) struct Packet {
    bytes: Vec<u8>,
    is_key: bool,
}

impl GroupEncoder {
    pub(super) fn new(size: Size, frames: usize) -> Result<Self, Stopped> {
        let pixels_per_second = (size.width * size.height) as f64 * f64::from(FRAME_RATE);
        let bitrate = (pixels_per_second * BITS_PER_PIXEL) as u32;
        let config = EncoderConfig::new()
            .profile(Profile::Baseline)
            .bitrate(BitRate::from_bps(bitrate))
            .max_frame_rate(FrameRate::from_hz(FRAME_RATE as f32))
            .rate_control_mode(RateControlMode::Bufferbased)
            .skip_frames(false)
            .qp(QUANTISER)
            .intra_frame_period(IntraFramePeriod::from_num_frames(frames as u32))
            .usage_type(UsageType::CameraVideoRealTime)
            .complexity(Complexity::Low)
            .num_threads(1)
            .scene_change_detect(false)
            .background_detection(false)
            .adaptive_quantization(false)
            .vui(VuiConfig::bt601());
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config).map_err(broken)?;
        Ok(Self { encoder })
    }

    pub(super) fn encode(&mut self, frame: &Frame) -> Result<Packet, Stopped> {
        use openh264::encoder::FrameType;
        let stream = self.encoder.encode(frame).map_err(broken)?;
        let is_key = matches!(stream.frame_type(), FrameType::IDR);
        let bytes = stream.to_vec();
        if bytes.is_empty() { Err(broken("the encoder dropped a frame")) } else { Ok(Packet { bytes, is_key }) }
    }
}

/// Packs the frames into an MP4 with its index in front.
pub(super) fn mux(film: &[Packet], size: Size) -> Result<Vec<u8>, Stopped> {
    let mut video = Vec::with_capacity(film.iter().map(|packet| packet.bytes.len()).sum::<usize>() + 64 * 1024);
    let mut muxer = MuxerBuilder::new(&mut video)
        .video(VideoCodec::H264, size.width as u32, size.height as u32, f64::from(FRAME_RATE))
        .with_fast_start(true)
        .build()
        .map_err(broken)?;
    for (number, packet) in film.iter().enumerate() {
        muxer.write_video(number as f64 / f64::from(FRAME_RATE), &packet.bytes, packet.is_key).map_err(broken)?;
    }
    muxer.finish().map_err(broken)?;
    Ok(video)
}

fn broken(error: impl std::fmt::Display) -> Stopped {
    Stopped::Broken(format!("The video could not be encoded: {error}"))
}
