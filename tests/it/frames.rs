//! Single frames of a real video.

use std::sync::Arc;

use bytes::Bytes;
use image::RgbImage;
use videogen::service::{AssetStore, FolderAssetStore, FrameError, FrameReader, H264FrameReader, WhichFrame};
use videogen::{Failure, FailureKind};
use videogen_tests::film::{Film, psnr};

use crate::stage::{Stage, generate, videogen};

/// A clip of the emulator, and where it is kept.
async fn clip(stage: &Stage) -> (Arc<dyn AssetStore>, String, Vec<u8>) {
    let videogen = stage.videogen().await;
    let task = generate(&videogen, &stage.request(320, 180).with_file_name("clip.mp4")).await;
    let file = std::fs::read(task.video.expect("it is made").location).expect("is readable");
    (Arc::new(FolderAssetStore::new(stage.folder.path())), "clip.mp4".to_owned(), file)
}

fn picture(png: &Bytes) -> RgbImage {
    image::load_from_memory(png).expect("is a picture").to_rgb8()
}

#[tokio::test]
async fn the_first_and_the_last_frame_are_those_that_a_player_shows() {
    let stage = Stage::set().await;
    let (assets, name, file) = clip(&stage).await;
    let film = Film::decode(&file);
    assert!(psnr(&film.first, &film.last) < 30.0, "the clip moves");
    for (which, shown) in [(WhichFrame::First, &film.first), (WhichFrame::Last, &film.last)] {
        let frame = H264FrameReader.frame(assets.as_ref(), &name, which).await.unwrap();
        let picture = picture(&frame.png);
        assert_eq!((frame.width, frame.height), shown.dimensions());
        let alike = psnr(&picture, shown);
        // The other decoder rounds its colours otherwise.
        assert!(alike > 45.0, "{which:?}: {alike:.1} dB");
    }
}

#[tokio::test]
async fn a_poster_is_kept_where_it_is_configured() {
    let stage = Stage::set().await;
    let mut variables = stage.variables();
    variables.push(("VIDEO_GEN_ASSETS_POSTER", "last".to_owned()));
    let videogen = videogen(variables.into_iter().collect(), stage.folder.path()).await;
    generate(&videogen, &stage.request(320, 180).with_file_name("clip.mp4")).await;
    let poster = image::open(stage.path("clip.mp4.png")).unwrap().to_rgb8();
    let film = Film::decode(&std::fs::read(stage.path("clip.mp4")).unwrap());
    assert!(psnr(&poster, &film.last) > 45.0);
    let videos = videogen.library().videos().await.unwrap();
    assert_eq!(videos[0].sidecar.poster.as_deref(), Some("clip.mp4.png"));
}

#[tokio::test]
async fn a_video_that_is_cut_off_or_damaged_is_told_and_does_no_harm() {
    let stage = Stage::set().await;
    let (assets, _, file) = clip(&stage).await;
    let write = |name: &str, bytes: &[u8]| std::fs::write(stage.path(name), bytes).unwrap();
    for part in 0..20 {
        write("cut.mp4", &file[..file.len() * part / 20]);
        let error = H264FrameReader.frame(assets.as_ref(), "cut.mp4", WhichFrame::Last).await.unwrap_err();
        assert!(matches!(error, FrameError::Damaged { .. }), "cut at {part} of 20: {error}");
    }
    // Bytes of the tables and of the pictures: whatever comes of it, it comes.
    let moov = file.windows(4).position(|bytes| bytes == b"moov").unwrap();
    for place in (moov..file.len().min(moov + 1200)).step_by(31).chain((0..file.len()).step_by(file.len() / 15)) {
        let mut damaged = file.clone();
        damaged[place] ^= 0xff;
        write("damaged.mp4", &damaged);
        for which in [WhichFrame::First, WhichFrame::Last] {
            if let Ok(frame) = H264FrameReader.frame(assets.as_ref(), "damaged.mp4", which).await {
                assert_eq!(picture(&frame.png).dimensions(), (frame.width, frame.height));
            }
        }
    }
    let gone = H264FrameReader.frame(assets.as_ref(), "gone.mp4", WhichFrame::Last).await.unwrap_err();
    assert_eq!(Failure::from(gone).kind, FailureKind::InvalidRequest);
}
