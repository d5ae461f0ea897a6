//! The video itself, demuxed and decoded: format, length, first frame, camera move.

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use re_mp4::Mp4;
use serde_json::json;
use videogen_tests::film::{Film, psnr, seen};

use crate::client::{Caller, HAILUO, KLING, fast, full_size};
use crate::pictures::{encoded, landscape, png};

#[tokio::test]
async fn the_video_is_h264_of_the_asked_length_with_its_index_in_front() {
    let (emulator, caller) = (fast().await, Caller::new());
    let picture = landscape(640, 360);
    for (endpoint, duration, seconds) in [(KLING, "5", 5), (HAILUO, "6", 6), (KLING, "10", 10)] {
        let input = json!({ "prompt": "zoom in", "duration": duration });
        let video = caller.generate(&emulator, endpoint, input, png(&picture)).await;
        let film = Film::decode(&video);
        assert_eq!(film.frame_count, seconds * 24);
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
        let film = Film::decode(&video);
        let (first, last) = (&film.first, &film.last);
        let fidelity = psnr(first, &scaled);
        assert!(fidelity > 30.0, "{prompt}: the first frame is {fidelity:.1} dB off the picture");
        let (moved, still) = (psnr(last, &seen(&scaled, zoom, offset, angle)), psnr(last, &scaled));
        assert!(moved > 22.0 && moved > still + 5.0, "{prompt}: {moved:.1} dB as moved, {still:.1} dB as still");
    }
}

#[tokio::test]
async fn the_frame_has_the_models_size_and_the_pictures_shape() {
    let (emulator, caller) = (full_size().await, Caller::new());
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
    let emulator = full_size().await;
    let picture = landscape(2000, 1125);
    let input = json!({ "prompt": "zoom out" });
    let film = Film::decode(&Caller::new().generate(&emulator, KLING, input, png(&picture)).await);
    let fidelity = psnr(&film.first, &imageops::resize(&picture, 1280, 720, FilterType::Lanczos3));
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
        let film = Film::decode(&caller.generate(&emulator, KLING, json!({ "prompt": "zoom in" }), bytes).await);
        assert!(psnr(&film.first, &picture) > 30.0);
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
        let film = Film::decode(&caller.generate(&emulator, KLING, json!({ "prompt": "rotate" }), png(&picture)).await);
        assert_eq!(film.frame_count, 120);
    }
}
