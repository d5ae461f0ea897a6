//! fal and its uploads, played by scripts that count what they are asked; the folder and the service are real.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use fal_core::{Download, Error, MockFalApi, Output, QueueStatus, RequestHandle, ResponseBody, Watch};
use fal_upload::{ContentHash, MockUploader, Source, Uploaded};
use futures::stream;
use serde_json::{Value, json};
use videogen_domain::{Generation, GenerationRequest, ImageInput, ModelRegistry};
use videogen_service::{FolderAssetStore, GenerationService, ServiceConfig};

use crate::media::{film, png};

pub(crate) const PICTURE_URL: &str = "https://cdn.example/lighthouse.png";
pub(crate) const VIDEO_URL: &str = "https://cdn.example/out.mp4?token=5igned";
pub(crate) const PROMPT: &str = "slow zoom in on the lighthouse";

/// What fal will answer, call by call, and what it was asked. Where a list has ended, all goes well.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) submit: VecDeque<Result<(), Error>>,
    pub(crate) status: VecDeque<Result<QueueStatus, Error>>,
    pub(crate) result: VecDeque<Result<Output, Error>>,
    /// What the result of the first request is, each time it is asked for.
    pub(crate) first_result: VecDeque<Error>,
    pub(crate) download: VecDeque<Result<Download, Error>>,
    pub(crate) upload: VecDeque<fal_upload::Error>,
    pub(crate) submitted: Vec<(String, Value)>,
    pub(crate) uploaded: Vec<Source>,
    /// Whether the picture counts as uploaded before, until it is forgotten.
    pub(crate) is_cached: bool,
    pub(crate) forgotten: Vec<Source>,
    pub(crate) looks: usize,
    /// Whether a watch tells nothing at all.
    pub(crate) never_done: bool,
    pub(crate) downloads: Vec<String>,
}

/// A service on a stage, with its folder.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) folder: tempfile::TempDir,
    script: Arc<Mutex<Script>>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), script: Arc::default() }
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// How often fal was asked to make a video.
    pub(crate) fn submits(&self) -> usize {
        self.script().submitted.len()
    }

    /// A service as a process would make it: another one for each process.
    pub(crate) fn service(&self) -> GenerationService {
        self.service_with(Arc::new(self.uploader()), self.folder.path().to_owned())
    }

    pub(crate) fn service_with(&self, uploader: Arc<MockUploader>, folder: PathBuf) -> GenerationService {
        self.service_of(uploader, folder, ServiceConfig::default())
    }

    pub(crate) fn service_told(&self, config: ServiceConfig) -> GenerationService {
        self.service_of(Arc::new(self.uploader()), self.folder.path().to_owned(), config)
    }

    fn service_of(&self, uploader: Arc<MockUploader>, folder: PathBuf, config: ServiceConfig) -> GenerationService {
        let assets = Arc::new(FolderAssetStore::new(folder));
        GenerationService::new(Arc::new(self.fal()), uploader, assets, ModelRegistry::builtin(), config)
    }

    /// A request for a video of a PNG in memory, to be called `out.mp4`.
    pub(crate) fn request(&self) -> GenerationRequest {
        let image = ImageInput::Bytes { name: "lighthouse.png".to_owned(), bytes: png(64, 36).into() };
        GenerationRequest::new(image, PROMPT).with_file_name("out.mp4")
    }

    pub(crate) async fn planned(&self) -> Generation {
        self.planned_as(self.request()).await
    }

    pub(crate) async fn planned_as(&self, request: GenerationRequest) -> Generation {
        Generation::new(self.service().plan(&request).await.unwrap())
    }

    /// The names in the folder, in order.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }

    fn fal(&self) -> MockFalApi {
        let mut fal = MockFalApi::new();
        let script = Arc::clone(&self.script);
        fal.expect_submit().returning(move |endpoint, input, _| {
            let mut script = script.lock().unwrap();
            script.submitted.push((endpoint.to_string(), input.clone()));
            let number = script.submitted.len();
            script.submit.pop_front().unwrap_or(Ok(())).map(|()| handle(&format!("r-{number}")))
        });
        fal.expect_handle().returning(|_, request_id| Ok(handle(request_id)));
        let script = Arc::clone(&self.script);
        fal.expect_watch().returning(move |_, _| {
            let script = Arc::clone(&script);
            if script.lock().unwrap().never_done {
                return Watch::new(stream::pending());
            }
            let look = move || {
                let mut script = script.lock().unwrap();
                script.looks += 1;
                script.status.pop_front().unwrap_or(Ok(QueueStatus::completed()))
            };
            Watch::new(stream::repeat_with(look))
        });
        let script = Arc::clone(&self.script);
        fal.expect_result().returning(move |request| {
            let mut script = script.lock().unwrap();
            match script.first_result.pop_front().filter(|_| request.request_id == "r-1") {
                Some(error) => Err(error),
                None => script.result.pop_front().unwrap_or_else(|| Ok(output())),
            }
        });
        let script = Arc::clone(&self.script);
        fal.expect_download().returning(move |url| {
            let mut script = script.lock().unwrap();
            script.downloads.push(url.to_owned());
            let whole = || Ok(Download::new(Some(film().len() as u64), ResponseBody::full(film())));
            script.download.pop_front().unwrap_or_else(whole)
        });
        fal
    }

    fn uploader(&self) -> MockUploader {
        let mut uploader = MockUploader::new();
        let script = Arc::clone(&self.script);
        uploader.expect_upload().returning(move |source, _| {
            let mut script = script.lock().unwrap();
            script.uploaded.push(source.clone());
            match script.upload.pop_front() {
                Some(error) => Err(error),
                None => {
                    let cached = script.forgotten.is_empty() && script.is_cached;
                    Ok(Uploaded::new(PICTURE_URL, ContentHash::of(&bytes_of(source)), 1, cached))
                }
            }
        });
        let script = Arc::clone(&self.script);
        uploader.expect_forget().returning(move |source| {
            script.lock().unwrap().forgotten.push(source.clone());
            Ok(())
        });
        uploader
    }
}

pub(crate) fn handle(request_id: &str) -> RequestHandle {
    let base = format!("https://queue.fal.run/fal-ai/kling-video/requests/{request_id}");
    RequestHandle {
        endpoint_id: "fal-ai/kling-video/v2.1/standard/image-to-video".to_owned(),
        request_id: request_id.to_owned(),
        status_url: format!("{base}/status"),
        cancel_url: format!("{base}/cancel"),
        response_url: base,
    }
}

/// What fal brings for a video of 5 s.
pub(crate) fn output() -> Output {
    let video = json!({ "url": VIDEO_URL, "file_size": film().len(), "content_type": "video/mp4" });
    Output::new(json!({ "video": video }), Some(5.into()))
}

pub(crate) fn bytes_of(source: &Source) -> Vec<u8> {
    match source {
        Source::Path(path) => std::fs::read(path).unwrap(),
        Source::Bytes { bytes, .. } => bytes.to_vec(),
        _ => unreachable!("there are two kinds of sources"),
    }
}
