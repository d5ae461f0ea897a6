//! Runs the program with an environment of its own and an emulator beside it.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use fal_emulator::{Builder, Emulator, Pace};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PROMPT: &str = "slow zoom in on the lighthouse";

pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    pub(crate) folder: TempDir,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::with(Emulator::builder().pace(Pace::Fast)).await
    }

    /// With an emulator that takes as long as a person can see.
    pub(crate) async fn lifelike() -> Self {
        Self::with(Emulator::builder().pace(Pace::Realistic)).await
    }

    /// With an emulator that accepts this key alone.
    pub(crate) async fn with_key(key: &str) -> Self {
        Self::with(Emulator::builder().pace(Pace::Fast).api_key(key)).await
    }

    /// With this emulator.
    pub(crate) async fn with(builder: Builder) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let picture = image::RgbImage::from_fn(320, 180, |x, y| image::Rgb([x as u8, y as u8, (x ^ y) as u8]));
        picture.save(folder.path().join("still.png")).expect("the picture is saved");
        Self { emulator: builder.start().await.expect("the emulator starts"), folder }
    }

    /// The program in the stage's folder, with nothing in its environment but the way to the emulator.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let urls = self.emulator.urls();
        let mut command = self.program_without_key(arguments);
        command
            .env("FAL_KEY", "id:secret")
            .env("VIDEO_GEN_FAL_QUEUE_URL", &urls.queue)
            .env("VIDEO_GEN_FAL_REST_URL", &urls.rest)
            .env("VIDEO_GEN_FAL_CDN_URL", &urls.cdn)
            .env("VIDEO_GEN_FAL_PLATFORM_URL", &urls.platform)
            // Tests that want it say so: what is looked for at once stands still in no test of standing still.
            .env("VIDEO_GEN_QUEUE_RECONCILE_FOR", "0");
        command
    }

    /// The program in the stage's folder, with an empty environment.
    pub(crate) fn program_without_key(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_videogen"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("VIDEO_GEN_CACHE_DIR", self.folder.path().join("cache"))
            .env("VIDEO_GEN_DATA_DIR", self.folder.path().join("cache/data"))
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end, away from the emulator's own threads.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Run {
        run(self.program(arguments)).await
    }

    /// The files in the folder that were not there at first.
    pub(crate) fn results(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).expect("the folder is there");
        let names = names.map(|entry| entry.expect("is readable").file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| !name.ends_with(".png") && name != "cache").collect();
        names.sort();
        names
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The one JSON object on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("is text");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

pub(crate) async fn run(mut command: Command) -> Run {
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("does not panic");
    output.expect("the program starts").into()
}
