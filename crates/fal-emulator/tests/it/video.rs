//! The video itself, demuxed and decoded: format, length, first frame, camera move.

use fal_emulator::{Emulator, Pace};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use openh264::decoder::Decoder;
use openh264::formats::YUVSource;
use re_mp4::{Mp4, StsdBoxContent};
use serde_json::json;

use crate::client::{Caller, HAILUO, KLING, fast};
use crate::pictures::{encoded, landscape, png};

struct Film {
    /// Seconds.
    duration: f64,
    /// 66 is Baseline; with the flag below, Constrained Baseline.
    profile: u8,
    is_constrained: bool,
    key_frames: usize,
    frames: Vec<RgbImage>,
}

/// Takes the MP4 apart and decodes every frame.
fn decode(video: &[u8]) -> Film {
    let mp4 = Mp4::read_bytes(video).expect("is an MP4");
    let track = mp4.tracks().values().next().expect("has a track");
    let StsdBoxContent::Avc1(avc1) = &track.trak(&mp4).mdia.minf.stbl.stsd.contents else { panic!("is not H.264") };
    let config = &avc1.avcc.contents;
    let sets = config.sequence_parameter_sets.iter().chain(&config.picture_parameter_sets);
    let mut stream: Vec<u8> = sets.flat_map(|set| with_start_code(&set.bytes)).collect();
    let (mut decoder, mut frames, mut duration) = (Decoder::new().expect("is there"), Vec::new(), 0.0);
    for sample in &track.samples {
        duration += sample.duration as f64 / sample.timescale as f64;
        stream.extend(annex_b(&video[sample.byte_range()]));
        let decoded = decoder.decode(&stream).expect("decodes").expect("gives a picture");
        let (width, height) = decoded.dimensions();
        let mut pixels = vec![0; width * height * 3];
        decoded.write_rgb8(&mut pixels);
        frames.push(RgbImage::from_raw(width as u32, height as u32, pixels).expect("fits"));
        stream.clear();
    }
    Film {
        duration,
        profile: config.avc_profile_indication,
        is_constrained: config.profile_compatibility & 0x40 != 0,
        key_frames: track.samples.iter().filter(|sample| sample.is_sync).count(),
        frames,
    }
}

fn with_start_code(unit: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 1], unit].concat()
}

/// Samples in an MP4 have lengths where a stream has start codes.
fn annex_b(mut sample: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    while let Some((length, rest)) = sample.split_first_chunk::<4>() {
        let (unit, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        stream.extend(with_start_code(unit));
        sample = rest;
    }
    stream
}

fn psnr(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: f64 = a.iter().zip(b.iter()).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (255.0_f64.powi(2) / (sum / a.len() as f64).max(1e-9)).log10()
}

/// What a camera sees of the picture: zoomed, moved by parts of a side, turned by radians; mirrored beyond the edges.
fn seen(picture: &RgbImage, zoom: f64, offset: (f64, f64), angle: f64) -> RgbImage {
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

#[tokio::test]
async fn the_video_is_h264_of_the_asked_length_with_its_index_in_front() {
    let (emulator, caller) = (fast().await, Caller::new());
    let picture = landscape(640, 360);
    for (endpoint, duration, seconds) in [(KLING, "5", 5), (HAILUO, "6", 6), (KLING, "10", 10)] {
        let input = json!({ "prompt": "zoom in", "duration": duration });
        let video = caller.generate(&emulator, endpoint, input, png(&picture)).await;
        let film = decode(&video);
        assert_eq!(film.frames.len(), seconds * 24);
        assert!((film.duration - seconds as f64).abs() < 1e-9, "{}", film.duration);
        assert_eq!((film.profile, film.is_constrained), (66, true));
        assert!(film.key_frames >= seconds / 3, "one can seek");
        let at = |name: &[u8; 4]| video.windows(4).position(|window| window == name).expect("is there");
        assert!(at(b"moov") < at(b"mdat"), "it plays while it loads");
    }
}

#[tokio::test]
async fn the_first_frame_is_the_picture_and_the_last_has_moved_as_the_prompt_says() {
    let (emulator, caller) = (fast().await, Caller::new());
    let picture = landscape(640, 360);
    let scaled = imageops::resize(&picture, 320, 180, FilterType::CatmullRom);
    let (room, turn) = ((1.0 - 1.0 / 1.3) / 2.0, std::f64::consts::PI / 15.0);
    for (prompt, zoom, offset, angle) in [
        ("slow zoom in on the hills", 1.35, (0.0, 0.0), 0.0),
        ("pull back", 1.0 / 1.35, (0.0, 0.0), 0.0),
        ("pan left", 1.3, (-room, 0.0), 0.0),
        ("pan right", 1.3, (room, 0.0), 0.0),
        ("tilt up", 1.3, (0.0, -room), 0.0),
        ("tilt down", 1.3, (0.0, room), 0.0),
        ("spin", 1.0, (0.0, 0.0), turn),
        ("the grass sways", 1.1, (0.0, 0.0), 0.0),
    ] {
        let video = caller.generate(&emulator, KLING, json!({ "prompt": prompt }), png(&picture)).await;
        let film = decode(&video);
        let (first, last) = (&film.frames[0], film.frames.last().expect("is there"));
        let fidelity = psnr(first, &scaled);
        assert!(fidelity > 30.0, "{prompt}: the first frame is {fidelity:.1} dB off the picture");
        let (moved, still) = (psnr(last, &seen(&scaled, zoom, offset, angle)), psnr(last, &scaled));
        assert!(moved > 22.0 && moved > still + 5.0, "{prompt}: {moved:.1} dB as moved, {still:.1} dB as still");
    }
}

#[tokio::test]
async fn the_frame_has_the_models_size_and_the_pictures_shape() {
    let emulator = Emulator::builder().pace(Pace::Realistic).start().await.expect("starts");
    let caller = Caller::new();
    for (endpoint, input, picture, size) in [
        (KLING, json!({ "prompt": "zoom in" }), landscape(160, 90), (1280, 720)),
        (HAILUO, json!({ "prompt": "zoom in", "resolution": "512P" }), landscape(90, 120), (512, 682)),
        (HAILUO, json!({ "prompt": "zoom in" }), landscape(101, 101), (768, 768)),
        (KLING, json!({ "prompt": "zoom in" }), landscape(400, 20), (1800, 720)),
    ] {
        let video = caller.generate(&emulator, endpoint, input, png(&picture)).await;
        let mp4 = Mp4::read_bytes(&video).expect("is an MP4");
        let track = mp4.tracks().values().next().expect("has a track");
        assert_eq!((track.width, track.height), size);
    }
}

#[tokio::test]
async fn a_full_size_first_frame_is_the_picture_too() {
    let emulator = Emulator::builder().pace(Pace::Realistic).start().await.expect("starts");
    let picture = landscape(2000, 1125);
    let input = json!({ "prompt": "zoom out" });
    let film = decode(&Caller::new().generate(&emulator, KLING, input, png(&picture)).await);
    let fidelity = psnr(&film.frames[0], &imageops::resize(&picture, 1280, 720, FilterType::Lanczos3));
    assert!(fidelity > 35.0, "{fidelity:.1} dB");
}

#[tokio::test]
async fn jpeg_webp_and_transparent_pictures_are_taken_and_data_uris_too() {
    let (emulator, caller) = (fast().await, Caller::new());
    let picture = landscape(320, 180);
    let transparent = DynamicImage::from(picture.clone()).into_rgba8();
    let mut with_alpha = std::io::Cursor::new(Vec::new());
    transparent.write_to(&mut with_alpha, ImageFormat::Png).expect("is encoded");
    for bytes in [encoded(&picture, ImageFormat::Jpeg), encoded(&picture, ImageFormat::WebP), with_alpha.into_inner()] {
        let film = decode(&caller.generate(&emulator, KLING, json!({ "prompt": "zoom in" }), bytes).await);
        assert!(psnr(&film.frames[0], &picture) > 30.0);
    }
    let uri = format!("data:image/png;base64,{}", data_encoding::BASE64.encode(&png(&picture)));
    let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "zoom in", "image_url": uri })).await;
    caller.completed(&submitted).await;
    assert_eq!(caller.result(&submitted).await.status(), 200);
}

#[tokio::test]
async fn a_tiny_picture_and_one_of_a_single_colour_become_videos() {
    let (emulator, caller) = (fast().await, Caller::new());
    for picture in [landscape(1, 1), landscape(3, 2), RgbImage::from_pixel(50, 50, Rgb([200, 30, 90]))] {
        let film = decode(&caller.generate(&emulator, KLING, json!({ "prompt": "rotate" }), png(&picture)).await);
        assert_eq!(film.frames.len(), 120);
    }
}
