//! A fal in memory: it answers a submit and reports progress only as far as a test lets it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fal_core::{
    Cancellation, Download, EndpointId, Error, FalApi, Output, QueueStatus, RequestHandle, RequestOptions,
    ResponseBody, Watch, WatchOptions,
};
use fal_upload::MockUploader;
use futures::stream;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::time::sleep;
use videogen_domain::{GenerationRequest, ImageInput, ModelRegistry};
use videogen_queue::{MemoryTaskStore, Queue, QueueConfig, TaskStore};
use videogen_service::{FolderAssetStore, GenerationService, ServiceConfig};

#[derive(Debug)]
pub(crate) struct ScriptedFal {
    /// How many submits have arrived.
    pub(crate) submits: AtomicUsize,
    /// One permit lets one submit be answered.
    pub(crate) answers: Semaphore,
    /// Whether requests are done.
    pub(crate) is_done: Arc<AtomicBool>,
    /// What the next watches fail with.
    pub(crate) watch_failures: Mutex<Vec<Error>>,
}

impl ScriptedFal {
    /// Answers every submit, and is done at once.
    pub(crate) fn willing() -> Arc<Self> {
        Arc::new(Self {
            submits: AtomicUsize::new(0),
            answers: Semaphore::new(Semaphore::MAX_PERMITS),
            is_done: Arc::new(AtomicBool::new(true)),
            watch_failures: Mutex::default(),
        })
    }

    /// Answers no submit before it is let.
    pub(crate) fn hesitant() -> Arc<Self> {
        Arc::new(Self { answers: Semaphore::new(0), ..Arc::into_inner(Self::willing()).expect("is the only one") })
    }

    /// Answers every submit, and is not done.
    pub(crate) fn slow() -> Arc<Self> {
        let fal = Self::willing();
        fal.is_done.store(false, Ordering::SeqCst);
        fal
    }

    pub(crate) fn submits(&self) -> usize {
        self.submits.load(Ordering::SeqCst)
    }
}

/// The error of a setting: any error of the client that is to hand.
pub(crate) fn an_error() -> Error {
    "not an endpoint".parse::<EndpointId>().expect_err("has no slash")
}

#[async_trait::async_trait]
impl FalApi for ScriptedFal {
    async fn submit(&self, endpoint: &EndpointId, _: &Value, _: &RequestOptions) -> Result<RequestHandle, Error> {
        let number = self.submits.fetch_add(1, Ordering::SeqCst);
        self.answers.acquire().await.expect("is never closed").forget();
        self.handle(endpoint, &format!("request-{number}"))
    }

    fn handle(&self, endpoint: &EndpointId, request_id: &str) -> Result<RequestHandle, Error> {
        Ok(RequestHandle {
            endpoint_id: endpoint.to_string(),
            request_id: request_id.to_owned(),
            status_url: String::new(),
            response_url: String::new(),
            cancel_url: String::new(),
        })
    }

    async fn status(&self, _request: &RequestHandle) -> Result<QueueStatus, Error> {
        unreachable!("the service watches")
    }

    fn watch(&self, _request: &RequestHandle, _options: WatchOptions) -> Watch {
        if let Some(error) = self.watch_failures.lock().expect("is not poisoned").pop() {
            return Watch::new(stream::iter([Err(error)]));
        }
        let is_done = Arc::clone(&self.is_done);
        Watch::new(stream::unfold((), move |()| {
            let is_done = Arc::clone(&is_done);
            async move {
                sleep(Duration::from_secs(1)).await;
                let status = match is_done.load(Ordering::SeqCst) {
                    true => QueueStatus::completed(),
                    false => QueueStatus::InQueue { position: Some(3) },
                };
                Some((Ok(status), ()))
            }
        }))
    }

    async fn cancel(&self, _request: &RequestHandle) -> Result<Cancellation, Error> {
        unreachable!("nothing is cancelled here")
    }

    async fn result(&self, _request: &RequestHandle) -> Result<Output, Error> {
        Ok(Output::new(json!({ "video": { "url": "https://cdn/video.mp4" } }), Some(5.into())))
    }

    async fn download(&self, _url: &str) -> Result<Download, Error> {
        let film = [&b"\0\0\0\x08ftyp"[..], b"\0\0\0\x08moov", b"\0\0\0\x0cmdatfilm"].concat();
        Ok(Download::new(Some(film.len() as u64), ResponseBody::full(film)))
    }
}

/// A queue on a scripted fal, with a folder for its videos.
pub(crate) struct Stage {
    pub(crate) queue: Queue,
    pub(crate) folder: TempDir,
}

impl Stage {
    pub(crate) fn set(fal: &Arc<ScriptedFal>) -> Self {
        Self::with(fal, Arc::new(MemoryTaskStore::default()), QueueConfig::default())
    }

    pub(crate) fn with(fal: &Arc<ScriptedFal>, store: Arc<dyn TaskStore>, config: QueueConfig) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let service = GenerationService::new(
            Arc::clone(fal) as Arc<dyn FalApi>,
            Arc::new(MockUploader::new()),
            Arc::new(FolderAssetStore::new(folder.path())),
            ModelRegistry::builtin(),
            ServiceConfig::default(),
        );
        Self { queue: Queue::new(service, store, config), folder }
    }

    pub(crate) fn videos(&self) -> usize {
        let files = std::fs::read_dir(self.folder.path()).expect("the folder is there");
        files
            .filter(|file| file.as_ref().is_ok_and(|file| file.path().extension().is_some_and(|end| end == "mp4")))
            .count()
    }
}

/// A picture that needs no upload.
pub(crate) fn request() -> GenerationRequest {
    GenerationRequest::new(ImageInput::Url("https://host/still.png".to_owned()), "slow zoom in on the lighthouse")
}
