//! An emulator, a folder, and the library between them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fal_emulator::{Emulator, Pace};
use image::{Rgb, RgbImage};
use tempfile::TempDir;
use videogen::{Environment, GenerationRequest, ImageInput, QueuedTask, TaskId, Videogen};

/// Longer than any of these tests should take; a test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    pub(crate) folder: TempDir,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let emulator = Emulator::builder().pace(Pace::Fast).start().await.expect("the emulator starts");
        Self { emulator, folder: tempfile::tempdir().expect("there is room") }
    }

    /// The variables that point to the emulator.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let urls = self.emulator.urls();
        vec![
            ("FAL_KEY", "id:secret".to_owned()),
            ("VIDEO_GEN_CACHE_DIR", self.path("cache").display().to_string()),
            ("VIDEO_GEN_DATA_DIR", self.path("cache/data").display().to_string()),
            ("VIDEO_GEN_FAL_QUEUE_URL", urls.queue.clone()),
            ("VIDEO_GEN_FAL_REST_URL", urls.rest.clone()),
            ("VIDEO_GEN_FAL_CDN_URL", urls.cdn.clone()),
            ("VIDEO_GEN_FAL_PLATFORM_URL", urls.platform.clone()),
            // Tests that want it say so: what is looked for at once stands still in no test of standing still.
            ("VIDEO_GEN_QUEUE_RECONCILE_FOR", "0".to_owned()),
        ]
    }

    pub(crate) async fn videogen(&self) -> Videogen {
        videogen(self.variables().into_iter().collect(), self.folder.path()).await
    }

    /// With the queue's host moved elsewhere.
    pub(crate) async fn videogen_with_queue_at(&self, queue: &str) -> Videogen {
        let mut variables = self.variables();
        variables.push(("VIDEO_GEN_FAL_QUEUE_URL", queue.to_owned()));
        videogen(variables.into_iter().collect(), self.folder.path()).await
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn request(&self, width: u32, height: u32) -> GenerationRequest {
        let path = self.path(&format!("{width}x{height}.png"));
        picture(width, height).save(&path).expect("the picture is saved");
        GenerationRequest::new(ImageInput::Path(path), "slow zoom in on the lighthouse")
    }

    /// The videos, sidecars and whatever else is in the folder, but for pictures and the cache.
    pub(crate) fn results(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).expect("the folder is there");
        let names = names.map(|entry| entry.expect("is readable").file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| !name.ends_with(".png") && name != "cache").collect();
        names.sort();
        names
    }
}

pub(crate) async fn videogen(environment: Environment, folder: &Path) -> Videogen {
    Videogen::builder().environment(environment).output_folder(folder).build().await.expect("the parts fit")
}

pub(crate) async fn generate(videogen: &Videogen, request: &GenerationRequest) -> QueuedTask {
    let id = videogen.queue().submit(request).await.expect("the request is valid");
    settled(videogen, &id).await
}

pub(crate) async fn settled(videogen: &Videogen, id: &TaskId) -> QueuedTask {
    videogen.queue().wait(id, Some(PATIENCE)).await.expect("the task settles")
}

/// Waits until the task is as wanted.
pub(crate) async fn until(videogen: &Videogen, id: &TaskId, wanted: impl Fn(&QueuedTask) -> bool) -> QueuedTask {
    let mut watch = videogen.queue().watch(id).await.expect("the task is known");
    let wait = async {
        let mut task = watch.now();
        while !wanted(&task) {
            task = watch.changed().await.expect("the task goes on");
        }
        task
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("it comes to that")
}

/// A picture in which no two places look alike.
fn picture(width: u32, height: u32) -> RgbImage {
    let part = |at: u32, of: u32| (at * 255 / of.max(1)) as u8;
    RgbImage::from_fn(width, height, |x, y| Rgb([part(x, width), part(y, height), part(x + y, width + height)]))
}
