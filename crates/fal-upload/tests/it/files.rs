//! Files that cannot be used, and what their facts are where they can. Nothing is sent for a file that cannot.

use std::path::Path;
use std::sync::Arc;

use fal_upload::{
    CacheKey, Error, FileProblem, FileStamp, KnownFile, PictureFormat, PictureLimits, Progress, Source, UploadCache,
    UploadEntry, Uploader, inspect, inspect_within,
};
use image::ImageFormat;

use crate::fal::Fal;
use crate::pictures::{in_memory, picture, png, saved, turned_jpeg};

pub(crate) fn problem(error: &Error) -> FileProblem {
    let Error::File(error) = error else { panic!("{error:?}") };
    error.problem()
}

/// Files of every kind that can be neither looked at nor uploaded.
fn unusable(folder: &Path) -> Vec<(Source, FileProblem)> {
    let file = saved(folder, "still.png", &png());
    vec![
        (Source::Path(folder.join("missing.png")), FileProblem::Missing),
        (Source::Path(folder.to_owned()), FileProblem::NotAFile),
        #[cfg(unix)]
        (Source::Path(broken_link(folder)), FileProblem::Missing),
        (Source::Path(saved(folder, "empty.png", b"")), FileProblem::Empty),
        (in_memory("empty.png", b""), FileProblem::Empty),
        // Not even an administrator can read a file below a file.
        (Source::Path(file.join("inside.png")), FileProblem::Unreadable),
        (Source::Path("nul\0.png".into()), FileProblem::Unreadable),
    ]
}

#[cfg(unix)]
fn broken_link(folder: &Path) -> std::path::PathBuf {
    let link = folder.join("link.png");
    std::os::unix::fs::symlink(folder.join("gone.png"), &link).unwrap();
    link
}

#[tokio::test]
async fn every_unusable_file_is_named_with_its_problem_and_nothing_is_sent() {
    let (fal, folder) = (Fal::start().await, tempfile::tempdir().unwrap());
    let uploader = fal.uploader();
    for (source, expected) in unusable(folder.path()) {
        let errors = [
            inspect(&source).await.unwrap_err(),
            uploader.upload(&source, &Progress::none()).await.unwrap_err(),
            uploader.forget(&source).await.unwrap_err(),
        ];
        for error in &errors {
            assert_eq!(problem(error), expected, "{source:?}");
            let name = match &source {
                Source::Path(path) => path.display().to_string(),
                Source::Bytes { name, .. } => name.clone(),
                _ => unreachable!("there are two kinds of sources"),
            };
            assert!(error.to_string().contains(&name), "{error}");
        }
    }
    assert_eq!(fal.server.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_file_beyond_the_limit_is_refused_before_it_is_read() {
    let (fal, folder) = (Fal::start().await, tempfile::tempdir().unwrap());
    // A file full of holes: to read it would take minutes.
    let large = folder.path().join("large.png");
    std::fs::File::create(&large).unwrap().set_len((5 << 30) + 1).unwrap();
    let error = fal.uploader().upload(&Source::Path(large), &Progress::none()).await.unwrap_err();
    assert_eq!(problem(&error), FileProblem::TooLarge { limit: 5 << 30 });
    assert_eq!(fal.server.received_requests().await.unwrap().len(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_refused_without_waiting_for_a_writer() {
    let (fal, folder) = (Fal::start().await, tempfile::tempdir().unwrap());
    let pipe = folder.path().join("pipe.png");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let circle = folder.path().join("circle.png");
    std::os::unix::fs::symlink(&circle, &circle).unwrap();
    for (path, expected) in [(pipe, FileProblem::NotAFile), (circle, FileProblem::Unreadable)] {
        let (source, uploader) = (Source::Path(path.clone()), fal.uploader());
        let seen = in_time(&path, async { inspect(&source).await.unwrap_err() }).await;
        let sent = in_time(&path, async { uploader.upload(&source, &Progress::none()).await.unwrap_err() }).await;
        assert_eq!((problem(&seen), problem(&sent)), (expected, expected));
    }
}

/// What comes of it, unless it waits for somebody to write to the pipe: then it is let go, so that the test can fail.
#[cfg(unix)]
async fn in_time<T>(pipe: &Path, work: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(std::time::Duration::from_secs(20), work).await;
    ended.unwrap_or_else(|_| panic!("it waits for a writer: {:?}", std::fs::OpenOptions::new().write(true).open(pipe)))
}

#[tokio::test]
async fn what_is_no_whole_picture_header_is_no_picture_whatever_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let jpeg = picture(ImageFormat::Jpeg, 40, 30);
    for (name, bytes) in [
        ("text.png", &b"this is text, not a picture"[..]),
        ("svg.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("heic.avif", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("film.avif", b"\0\0\0\x14ftypisom\0\0\0\0mp42avif"),
        ("tiff.png", b"II*\0\x08\0\0\0"),
        ("cut.gif", b"GIF89a\x01\x00\x01\x00\x80\x00"),
        ("cut.webp", b"RIFF\x24\0\0\0WEBPVP8 "),
        ("cut.avif", &include_bytes!("../fixtures/plain.avif")[..250]),
        ("cut.png", &png()[..20]),
        ("cut.jpg", &jpeg[..20]),
        ("one.png", b"\x89"),
    ] {
        let error = inspect(&Source::Path(saved(folder.path(), name, bytes))).await.unwrap_err();
        assert_eq!(problem(&error), FileProblem::NotAnImage, "{name}");
        let said = error.to_string();
        assert!(said.contains(name) && said.ends_with("holds no PNG, JPEG, WebP, GIF or AVIF picture"), "{said}");
    }
}

#[tokio::test]
async fn everything_that_is_beyond_a_limit_is_told_at_once_with_the_limit() {
    // Shown upright, it is 40 pixels wide and 60 high.
    let bytes = turned_jpeg(60, 40);
    let (source, size) = (in_memory("still.jpg", bytes.clone()), bytes.len() as u64);
    let limits = |change: fn(&mut PictureLimits)| {
        let mut limits = PictureLimits::default();
        change(&mut limits);
        limits
    };
    for (limits, said) in [
        (limits(|limits| limits.width = 41..=u32::MAX), "is 40 pixels wide and must be at least 41"),
        (limits(|limits| limits.width = 0..=39), "is 40 pixels wide and must be at most 39"),
        (limits(|limits| limits.height = 61..=100), "is 60 pixels high and must be 61 to 100"),
        (limits(|limits| limits.height = 1..=59), "is 60 pixels high and must be 1 to 59"),
        (limits(|limits| limits.aspect = 0.7..=2.5), "is 0.6667 times as wide as high and must be 0.7 to 2.5"),
        (
            limits(|limits| limits.aspect = 0.6667..=2.5),
            "is 0.6666666666666666 times as wide as high and must be 0.6667 to 2.5",
        ),
        (limits(|limits| limits.aspect = 0.0..=0.5), "is 0.6667 times as wide as high and must be at most 0.5"),
        (limits(|limits| limits.formats = vec![PictureFormat::Png]), "is JPEG and must be PNG"),
        (
            limits(|limits| limits.formats = vec![PictureFormat::Png, PictureFormat::WebP]),
            "is JPEG and must be PNG or WebP",
        ),
    ] {
        let error = inspect_within(&source, &limits).await.unwrap_err();
        assert!(matches!(&error, Error::Picture(error) if error.problems().len() == 1), "{error:?}");
        assert_eq!(error.to_string(), format!("still.jpg {said}"));
    }
    let exact = PictureLimits {
        formats: vec![PictureFormat::Jpeg],
        width: 40..=40,
        height: 60..=60,
        aspect: 40.0 / 60.0..=40.0 / 60.0,
        bytes: size,
    };
    assert_eq!(inspect_within(&source, &exact).await.unwrap().displayed(), (40, 60));
    let nothing = PictureLimits { formats: vec![], width: 0..=1, height: 0..=1, aspect: 2.0..=3.0, bytes: size - 1 };
    let error = inspect_within(&source, &nothing).await.unwrap_err();
    let Error::Picture(all) = &error else { panic!("{error:?}") };
    assert_eq!(all.problems().len(), 5);
    assert!(
        error.to_string().contains(&format!("; has {size} bytes and may have {} bytes at most", size - 1)),
        "{error}"
    );
}

#[tokio::test]
async fn a_picture_is_known_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    for (format, expected) in [
        (ImageFormat::Png, PictureFormat::Png),
        (ImageFormat::Jpeg, PictureFormat::Jpeg),
        (ImageFormat::WebP, PictureFormat::WebP),
    ] {
        let bytes = picture(format, 64, 36);
        let facts = inspect(&Source::Path(saved(folder.path(), "灯台.txt", &bytes))).await.unwrap();
        assert_eq!((facts.format, facts.width, facts.height, facts.bytes), (expected, 64, 36, bytes.len() as u64));
    }
}

/// A cache that has nothing, and during whose look-up somebody writes to the file.
#[derive(Debug)]
struct Meddler(std::path::PathBuf, Vec<u8>);

#[async_trait::async_trait]
impl UploadCache for Meddler {
    async fn get(&self, _: &CacheKey) -> Option<UploadEntry> {
        std::fs::write(&self.0, &self.1).unwrap();
        None
    }

    async fn put(&self, _: &CacheKey, _: UploadEntry) -> Result<(), Error> {
        Ok(())
    }

    async fn remove(&self, _: &CacheKey) -> Result<(), Error> {
        Ok(())
    }

    async fn known_file(&self, _: &FileStamp) -> Option<KnownFile> {
        None
    }

    async fn know_file(&self, _: &FileStamp, _: KnownFile) {}
}

#[tokio::test]
async fn a_file_that_is_written_to_while_it_is_read_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let mut same_length = png();
    same_length[20] ^= 1;
    for other in [same_length, picture(ImageFormat::Png, 7, 7)] {
        let fal = Fal::start().await;
        let file = saved(folder.path(), "a.png", &png());
        let uploader = fal.uploader_over(Arc::new(Meddler(file.clone(), other)));
        let error = uploader.upload(&Source::Path(file), &Progress::none()).await.unwrap_err();
        assert_eq!(problem(&error), FileProblem::Changed);
        assert_eq!(fal.server.received_requests().await.unwrap().len(), 0);
    }
}
