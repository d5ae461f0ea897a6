//! An emulator, a folder, the server, and a client of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fal_emulator::{Emulator, Pace};
use image::{Rgb, RgbImage};
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::RunningService;
use rmcp::{ClientLifecycleMode, ClientServiceExt, RoleClient};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use videogen::{AllowedFolders, Videogen};
use videogen_mcp::{Error, McpServer};

/// Longer than any of these tests should take; a test that hangs fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) type Client = RunningService<RoleClient, ()>;

pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    pub(crate) folder: TempDir,
    pub(crate) videogen: Arc<Videogen>,
    pub(crate) server: McpServer,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::at_pace(Pace::Fast).await
    }

    /// A folder with `pictures/still.png`, `videos`, and beside them `secret.png`.
    pub(crate) async fn at_pace(pace: Pace) -> Self {
        let emulator = Emulator::builder().pace(pace).start().await.expect("the emulator starts");
        let folder = tempfile::tempdir().expect("there is room");
        for name in ["pictures", "videos"] {
            std::fs::create_dir(folder.path().join(name)).expect("there is room");
        }
        for name in ["pictures/still.png", "secret.png"] {
            picture().save(folder.path().join(name)).expect("the picture is saved");
        }
        let environment = variables(&emulator, &folder).into_iter().collect();
        let videogen = Videogen::builder().environment(environment).output_folder(folder.path().join("videos"));
        let videogen = Arc::new(videogen.build().await.expect("the parts fit"));
        let folders = AllowedFolders::new([folder.path().join("pictures")]).expect("the folder is there");
        let server = McpServer::new(Arc::clone(&videogen), folders);
        Self { emulator, folder, videogen, server }
    }

    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Self { server: self.server.with_patience(patience), ..self }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A client that begins with `initialize`, and the server's side of the connection.
    pub(crate) async fn client(&self) -> (Client, JoinHandle<Result<(), Error>>) {
        self.client_that_begins_with(ClientLifecycleMode::Initialize).await
    }

    pub(crate) async fn client_that_begins_with(
        &self,
        lifecycle: ClientLifecycleMode,
    ) -> (Client, JoinHandle<Result<(), Error>>) {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let (reader, writer) = tokio::io::split(theirs);
        let server = self.server.clone();
        let serving = tokio::spawn(async move { server.serve(reader, writer).await });
        let client = ().serve_with_lifecycle(ours, lifecycle).await.expect("a session begins");
        (client, serving)
    }
}

/// The variables that point to the emulator.
pub(crate) fn variables(emulator: &Emulator, folder: &TempDir) -> Vec<(&'static str, String)> {
    let urls = emulator.urls();
    vec![
        ("FAL_KEY", "id:s3cr3t".to_owned()),
        ("VIDEO_GEN_CACHE_DIR", folder.path().join("cache").display().to_string()),
        ("VIDEO_GEN_DATA_DIR", folder.path().join("data").display().to_string()),
        ("VIDEO_GEN_FAL_QUEUE_URL", urls.queue.clone()),
        ("VIDEO_GEN_FAL_REST_URL", urls.rest.clone()),
        ("VIDEO_GEN_FAL_CDN_URL", urls.cdn.clone()),
        ("VIDEO_GEN_FAL_PLATFORM_URL", urls.platform.clone()),
        // Tests that want it say so: what is looked for at once stands still in no test of standing still.
        ("VIDEO_GEN_QUEUE_RECONCILE_FOR", "0".to_owned()),
    ]
}

pub(crate) async fn call(client: &Client, tool: &'static str, arguments: Value) -> CallToolResult {
    let arguments = arguments.as_object().cloned().expect("arguments are an object");
    let request = CallToolRequestParams::new(tool).with_arguments(arguments);
    let called = tokio::time::timeout(PATIENCE, client.call_tool(request));
    called.await.expect("the call is answered").expect("the protocol is kept")
}

/// The structured part of a good result.
pub(crate) async fn good(client: &Client, tool: &'static str, arguments: Value) -> Value {
    let result = call(client, tool, arguments).await;
    assert_eq!(result.is_error, Some(false), "{result:?}");
    result.structured_content.expect("is structured")
}

/// The words and the structured part of a tool error.
pub(crate) async fn bad(client: &Client, tool: &'static str, arguments: Value) -> (String, Value) {
    let result = call(client, tool, arguments).await;
    assert_eq!(result.is_error, Some(true), "{result:?}");
    let words = result.content[0].as_text().expect("is a text").text.clone();
    (words, result.structured_content.expect("is structured"))
}

pub(crate) async fn generate(client: &Client, picture: &str) -> Value {
    good(client, "generate_video_from_image", request(picture)).await
}

pub(crate) fn request(picture: &str) -> Value {
    json!({ "image_url": picture, "motion_prompt": "slow zoom in on the lighthouse" })
}

/// Asks until the task is as wanted.
pub(crate) async fn until(client: &Client, task_id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let asking = async {
        loop {
            let task = good(client, "get_queue_status", json!({ "task_id": task_id })).await;
            if wanted(&task) {
                return task;
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("it comes to that")
}

/// A picture in which no two places look alike.
fn picture() -> RgbImage {
    let part = |at: u32, of: u32| (at * 255 / of) as u8;
    RgbImage::from_fn(320, 240, |x, y| Rgb([part(x, 320), part(y, 240), part(x + y, 560)]))
}
