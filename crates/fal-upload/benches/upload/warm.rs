//! What it costs to find that nothing has to be sent.

use std::sync::Arc;

use fal_emulator::{Emulator, Pace};
use fal_upload::{CachingUploader, FileUploadCache, MemoryUploadCache, Progress, Source, UploadCache, Uploader};
use tokio::time::{Duration, Instant};

use crate::ours::{KEY, client};

/// A usual picture for a video.
const PICTURE: usize = 2 << 20;

/// The times of one kind of warm upload, shortest first.
#[derive(Debug)]
pub(crate) struct Warm {
    name: &'static str,
    times: Vec<Duration>,
}

/// Uploads one picture, and then again and again.
pub(crate) async fn measure(times: usize) -> Vec<Warm> {
    let emulator = Emulator::builder().api_key(KEY).https(true).pace(Pace::Fast).rendering(false).start().await;
    let emulator = emulator.expect("starts");
    let folder = tempfile::tempdir().expect("can be made");
    let picture = folder.path().join("picture.bin");
    std::fs::write(&picture, vec![7; PICTURE]).expect("can be written");
    // A file that was just written is read each time: its clock may be too coarse to show another change.
    let rested = std::time::SystemTime::now() - Duration::from_secs(60);
    let file = std::fs::File::options().write(true).open(&picture).expect("opens");
    file.set_modified(rested).expect("has a time");
    let in_file: Arc<dyn UploadCache> = Arc::new(FileUploadCache::new(folder.path().join("uploads.sqlite")));
    let mut all = Vec::new();
    for (name, cache) in [("in memory", Arc::new(MemoryUploadCache::default()) as _), ("in a file", in_file)] {
        let url = format!("https://{}", emulator.address());
        let authority = emulator.ca_file().expect("speaks TLS").to_string_lossy().into_owned();
        let uploader = CachingUploader::new(client(&url, &authority), cache);
        let source = Source::Path(picture.clone());
        uploader.upload(&source, &Progress::none()).await.expect("arrives");
        let mut warm = Warm { name, times: Vec::with_capacity(times) };
        for _ in 0..times {
            let begun = Instant::now();
            let uploaded = uploader.upload(&source, &Progress::none()).await.expect("is there");
            warm.times.push(begun.elapsed());
            assert!(uploaded.cached);
        }
        warm.times.sort_unstable();
        all.push(warm);
    }
    all
}

pub(crate) fn table(all: &[Warm]) -> String {
    let mut table = "### The same picture again\n\n| cache | p50 | p99 |\n| --- | ---: | ---: |\n".to_owned();
    for Warm { name, times } in all {
        let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1000.0;
        table += &format!("| {name} | {:.3} ms | {:.3} ms |\n", at(50), at(99));
    }
    table
}
