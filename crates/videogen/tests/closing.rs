//! Closing: nothing is taken in any more, and nothing of ours is left open. One test, because tasks and file descriptors
//! are counted for the whole process.
#![cfg(all(feature = "emulator", feature = "otlp"))]

use std::path::Path;
use std::time::Duration;

use videogen::emulator::{Emulator, Pace};
use videogen::{ConfigSources, Environment, ImageInput, Observability, Videogen, queue};

const PROMPT: &str = "slow zoom in on the lighthouse";

/// What this process has open: tasks of tokio; and files, sockets and the like, where the system tells.
#[derive(Debug, Clone, Copy)]
struct Open {
    tasks: usize,
    files: usize,
}

impl Open {
    fn now() -> Self {
        let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        Self { tasks, files: std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count) }
    }

    /// Waits until no more is open than this. Connections notice a moment later that nobody has them any more.
    async fn is_reached(self, what: &str) {
        let reached = async {
            while Self::now().tasks > self.tasks || Self::now().files > self.files {
                tokio::task::yield_now().await;
            }
        };
        let reached = tokio::time::timeout(Duration::from_secs(20), reached).await;
        assert!(reached.is_ok(), "{what}: {:?}, and not {self:?}", Self::now());
    }
}

/// Everything opened, used and closed; what is returned is still to be dropped.
async fn closed(folder: &Path, fal: &[(&str, &str)], observability: &Observability) -> Videogen {
    let folders = [("VIDEO_GEN_CACHE_DIR", folder.join("cache")), ("VIDEO_GEN_DATA_DIR", folder.join("data"))];
    let folders = folders.iter().map(|(name, path)| (*name, path.to_str().unwrap()));
    let sources = ConfigSources::of(folders.chain(fal.iter().copied()).collect());
    let builder = Videogen::builder().sources(sources).output_folder(folder).observability(observability.clone());
    let videogen = builder.build().await.unwrap();
    let request = videogen.request(ImageInput::Path(folder.join("still.png")), PROMPT);
    let made = videogen.generate(&request).await.unwrap();
    assert!(made.video.is_some(), "{made:?}");
    let request = request.with_fresh(true);
    let under_way = videogen.queue().submit(&request).await.unwrap();
    let mut watch = videogen.queue().watch(&under_way).await.unwrap();
    while watch.now().request_id.is_none() {
        watch.changed().await.unwrap();
    }

    videogen.close().await;
    videogen.close().await;
    let stopped = videogen.queue().get(&under_way).await.unwrap();
    assert!(stopped.is_settled() && stopped.request_id.is_some(), "{stopped:?}");
    let refused = videogen.queue().submit(&request).await.unwrap_err();
    assert!(matches!(refused, queue::Error::Stopped), "{refused:?}");
    videogen
}

#[tokio::test(flavor = "multi_thread")]
async fn after_closing_no_task_connection_or_file_is_left() {
    let folder = tempfile::tempdir().unwrap();
    image::RgbImage::from_pixel(320, 180, image::Rgb([9, 99, 199])).save(folder.path().join("still.png")).unwrap();
    let observability = Observability::new("closing", &Environment::default()).unwrap();
    // The first round opens what stays for the life of the process, such as the source of random numbers.
    drop(closed(folder.path(), &[], &observability).await);
    Open { tasks: 0, files: usize::MAX }.is_reached("the first round").await;
    let before = Open::now();
    let videogen = closed(folder.path(), &[], &observability).await;
    let next = Emulator::builder().state_dir(folder.path().join("cache/emulator")).start().await.unwrap();
    assert!(next.persistent(), "the built-in emulator has let go of its folder");
    next.stop().await;
    drop(videogen);
    before.is_reached("the built-in emulator is dropped").await;

    let emulator = Emulator::builder().pace(Pace::Fast).start().await.unwrap();
    let urls = emulator.urls();
    let fal = [
        ("FAL_KEY", "id:secret"),
        ("VIDEO_GEN_FAL_QUEUE_URL", urls.queue.as_str()),
        ("VIDEO_GEN_FAL_REST_URL", urls.rest.as_str()),
        ("VIDEO_GEN_FAL_CDN_URL", urls.cdn.as_str()),
    ];
    let idle = Open::now();
    for round in 1..=3 {
        drop(closed(folder.path(), &fal, &observability).await);
        idle.is_reached(&format!("round {round} with a provider elsewhere")).await;
    }
    emulator.stop().await;
    before.is_reached("the emulator is stopped").await;
}
