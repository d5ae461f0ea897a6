//! A video, demuxed and decoded, and measures to compare its frames.

use image::RgbImage;
use openh264::decoder::Decoder;
use openh264::formats::YUVSource;
use re_mp4::{Mp4, StsdBoxContent};

/// A decoded video. Only its first and last frames are kept.
#[derive(Debug)]
pub struct Film {
    /// Its length in seconds: the sum of its frames' durations.
    pub duration: f64,
    /// Frames.
    pub frame_count: usize,
    /// Frames that one can seek to.
    pub key_frames: usize,
    /// H.264 profile: 66 is Baseline; with the flag below, Constrained Baseline, which is always yuv420p.
    pub profile: u8,
    /// Whether the constraints of Constrained Baseline hold.
    pub is_constrained: bool,
    /// The first frame.
    pub first: RgbImage,
    /// The last frame.
    pub last: RgbImage,
}

impl Film {
    /// Takes an MP4 file apart and decodes every frame.
    ///
    /// # Panics
    /// When it is not a whole MP4 file with one H.264 track.
    pub fn decode(video: &[u8]) -> Self {
        let mp4 = Mp4::read_bytes(video).expect("is an MP4 file");
        let track = mp4.tracks().values().next().expect("has a track");
        let StsdBoxContent::Avc1(avc1) = &track.trak(&mp4).mdia.minf.stbl.stsd.contents else { panic!("is not H.264") };
        let config = &avc1.avcc.contents;
        let sets = config.sequence_parameter_sets.iter().chain(&config.picture_parameter_sets);
        let mut stream: Vec<u8> = sets.flat_map(|set| with_start_code(&set.bytes)).collect();
        let mut decoder = Decoder::new().expect("the decoder starts");
        let (mut first, mut last, mut duration) = (None, None, 0.0);
        for sample in &track.samples {
            duration += sample.duration as f64 / sample.timescale as f64;
            stream.extend(annex_b(&video[sample.byte_range()]));
            let decoded = decoder.decode(&stream).expect("decodes").expect("gives a picture");
            let (width, height) = decoded.dimensions();
            let mut pixels = vec![0; width * height * 3];
            decoded.write_rgb8(&mut pixels);
            let frame = RgbImage::from_raw(width as u32, height as u32, pixels).expect("fits");
            first.get_or_insert_with(|| frame.clone());
            last = Some(frame);
            stream.clear();
        }
        Self {
            duration,
            frame_count: track.samples.len(),
            key_frames: track.samples.iter().filter(|sample| sample.is_sync).count(),
            profile: config.avc_profile_indication,
            is_constrained: config.profile_compatibility & 0x40 != 0,
            first: first.expect("has a frame"),
            last: last.expect("has a frame"),
        }
    }
}

fn with_start_code(unit: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 1], unit].concat()
}

/// Samples in an MP4 file have lengths where a stream has start codes.
fn annex_b(mut sample: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    while let Some((length, rest)) = sample.split_first_chunk::<4>() {
        let (unit, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        stream.extend(with_start_code(unit));
        sample = rest;
    }
    stream
}

/// How alike two pictures of one size are: the peak signal-to-noise ratio in dB over all colour channels.
///
/// # Panics
/// When their sizes differ.
pub fn psnr(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: f64 = a.iter().zip(b.iter()).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (255.0_f64.powi(2) / (sum / a.len() as f64).max(1e-9)).log10()
}

/// What a camera sees of the picture: zoomed, moved by parts of a side, turned by radians; mirrored beyond the edges.
pub fn seen(picture: &RgbImage, zoom: f64, offset: (f64, f64), angle: f64) -> RgbImage {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let mirrored = |at: f64, length: u32| {
        let (at, length) = (at.floor() as i64, i64::from(length));
        let folded = at.rem_euclid(2 * length);
        (if folded < length { folded } else { 2 * length - 1 - folded }) as u32
    };
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let (dx, dy) = (f64::from(x) + 0.5 - width / 2.0, f64::from(y) + 0.5 - height / 2.0);
        let (sin, cos) = angle.sin_cos();
        let u = (dx * cos - dy * sin) / zoom + (0.5 + offset.0) * width;
        let v = (dx * sin + dy * cos) / zoom + (0.5 + offset.1) * height;
        *picture.get_pixel(mirrored(u, picture.width()), mirrored(v, picture.height()))
    })
}
