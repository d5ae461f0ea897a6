//! An emulator, a folder, the server, and a caller of it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fal_emulator::{Emulator, Pace};
use image::{Rgb, RgbImage};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::AbortHandle;
use videogen::{AllowedFolders, Videogen};
use videogen_server::{Server, ServerConfig};

/// Longer than any of these tests should take; a test that hangs fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    pub(crate) folder: TempDir,
    pub(crate) videogen: Arc<Videogen>,
    pub(crate) caller: Caller,
    serving: AbortHandle,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::at_pace(Pace::Fast).await
    }

    pub(crate) async fn at_pace(pace: Pace) -> Self {
        Self::with(pace, |config, _| config).await
    }

    /// A folder with `pictures/still.png`, `videos`, and beside them `secret.png`.
    pub(crate) async fn with(pace: Pace, change: impl FnOnce(ServerConfig, &TempDir) -> ServerConfig) -> Self {
        let emulator = Emulator::builder().pace(pace).start().await.expect("the emulator starts");
        let folder = tempfile::tempdir().expect("there is room");
        for name in ["pictures", "videos"] {
            std::fs::create_dir(folder.path().join(name)).expect("there is room");
        }
        for name in ["pictures/still.png", "secret.png"] {
            picture().save(folder.path().join(name)).expect("the picture is saved");
        }
        let videogen = videogen(&emulator, &folder).await;
        let config = change(ServerConfig::default().with_listen(any_port()), &folder);
        let server = Server::bind(Arc::clone(&videogen), config).await.expect("there is a free port");
        let caller = Caller::of(server.address());
        let serving = tokio::spawn(server.run(std::future::pending())).abort_handle();
        Self { emulator, folder, videogen, caller, serving }
    }

    /// With paths below `pictures` allowed.
    pub(crate) async fn with_pictures() -> Self {
        let allow = |config: ServerConfig, folder: &TempDir| {
            config.with_folders(AllowedFolders::new([folder.path().join("pictures")]).expect("the folder is there"))
        };
        Self::with(Pace::Fast, allow).await
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A caller of a server.
pub(crate) struct Caller {
    pub(crate) http: Client,
    base: String,
}

impl Caller {
    pub(crate) fn of(address: SocketAddr) -> Self {
        let port = address.port();
        Self { http: Client::builder().no_proxy().build().expect("builds"), base: format!("http://127.0.0.1:{port}") }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.http.get(self.url(path)).send().await.expect("answers")
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.http.post(self.url(path)).json(body).send().await.expect("answers")
    }

    /// Takes a generation in.
    pub(crate) async fn create(&self, body: &Value) -> Value {
        let response = self.post("/v1/tasks", body).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        let location = response.headers()["location"].to_str().expect("is a text").to_owned();
        let task: Value = response.json().await.expect("is JSON");
        assert_eq!(location, path_of(&task));
        task
    }

    /// Asks until the task is as wanted.
    pub(crate) async fn until(&self, task: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
        let asking = async {
            loop {
                let task: Value = self.get(&path_of(task)).await.json().await.expect("is JSON");
                if wanted(&task) {
                    return task;
                }
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.expect("it comes to that")
    }

    pub(crate) async fn settled(&self, task: &Value) -> Value {
        self.until(task, |task| !["queued", "in_progress"].contains(&task["status"].as_str().expect("is a text"))).await
    }
}

pub(crate) fn path_of(task: &Value) -> String {
    format!("/v1/tasks/{}", task["id"].as_str().expect("is a text"))
}

/// Status and error of an answer that must be one.
pub(crate) async fn problem(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.expect("is JSON");
    let error = body["error"].clone();
    for field in ["kind", "message", "advice"] {
        assert!(error[field].is_string(), "{error}");
    }
    (status, error)
}

/// A request with its picture in it.
pub(crate) fn request() -> Value {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture().write_to(&mut bytes, image::ImageFormat::Png).expect("is written");
    let base64 = data_encoding::BASE64.encode(bytes.get_ref());
    json!({
        "image": { "base64": base64, "name": "still.png" },
        "motion_prompt": "slow zoom in on the lighthouse",
    })
}

pub(crate) fn any_port() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

pub(crate) async fn videogen(emulator: &Emulator, folder: &TempDir) -> Arc<Videogen> {
    let environment = variables(emulator, folder).into_iter().collect();
    let videogen = Videogen::builder().environment(environment).output_folder(folder.path().join("videos"));
    Arc::new(videogen.build().await.expect("the parts fit"))
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

/// A picture in which no two places look alike.
fn picture() -> RgbImage {
    let part = |at: u32, of: u32| (at * 255 / of) as u8;
    RgbImage::from_fn(320, 240, |x, y| Rgb([part(x, 320), part(y, 240), part(x + y, 560)]))
}
