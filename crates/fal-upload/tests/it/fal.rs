//! fal's REST host and CDN, and uploaders pointed at them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fal_core::{Credentials, FalClient, FalConfig, HostClass, Hosts, RetryPolicy};
use fal_upload::{CachingUploader, FileUploadCache, MemoryUploadCache, TransferConfig, UploadCache};
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub(crate) const TOKEN_PATH: &str = "/storage/auth/token";
pub(crate) const UPLOAD_PATH: &str = "/files/upload";

/// Both hosts in one server, told apart by their paths.
#[derive(Debug)]
pub(crate) struct Fal {
    pub(crate) server: MockServer,
}

impl Fal {
    /// Gives out tokens that are good for ever, and takes every file.
    pub(crate) async fn start() -> Self {
        let fal = Self::bare().await;
        fal.answer(TOKEN_PATH, token("2999-01-01T00:00:00+00:00")).await;
        fal.take_files().await;
        fal
    }

    /// Answers nothing but 404.
    pub(crate) async fn bare() -> Self {
        Self { server: MockServer::start().await }
    }

    pub(crate) async fn answer(&self, at: &str, answer: impl Respond + 'static) {
        Mock::given(method("POST")).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// Answers so once, and from then on as it is told next.
    pub(crate) async fn answer_once(&self, at: &str, answer: impl Respond + 'static) {
        let mock = Mock::given(method("POST")).and(path(at)).respond_with(answer);
        mock.up_to_n_times(1).mount(&self.server).await;
    }

    /// Takes every file and gives each an address of its own.
    pub(crate) async fn take_files(&self) {
        let number = std::sync::atomic::AtomicUsize::new(1);
        let base = self.server.uri();
        let take = move |_: &Request| {
            let number = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            ResponseTemplate::new(200).set_body_json(json!({ "access_url": format!("{base}/files/{number}.png") }))
        };
        self.answer(UPLOAD_PATH, take).await;
    }

    /// The address of the file that came as so manieth.
    pub(crate) fn file(&self, number: usize) -> String {
        format!("{}/files/{number}.png", self.server.uri())
    }

    pub(crate) async fn requests(&self, at: &str) -> Vec<Request> {
        let requests = self.server.received_requests().await.unwrap();
        requests.into_iter().filter(|request| request.url.path() == at).collect()
    }

    pub(crate) fn client(&self) -> FalClient {
        let classes = [HostClass::Rest, HostClass::Cdn];
        let base = self.server.uri();
        let hosts = classes.into_iter().fold(Hosts::default(), |hosts, class| hosts.with(class, &base).unwrap());
        let quick = Duration::from_millis(1);
        let retry = RetryPolicy { initial_delay: quick, max_delay: quick, jitter: false, ..RetryPolicy::default() };
        let credentials = Credentials::key("key-id:s3cret").unwrap();
        FalClient::new(FalConfig::new(credentials).with_hosts(hosts).with_retry(retry)).unwrap()
    }

    pub(crate) fn uploader(&self) -> CachingUploader {
        self.uploader_over(Arc::new(MemoryUploadCache::default()))
    }

    pub(crate) fn uploader_with(&self, config: TransferConfig) -> CachingUploader {
        CachingUploader::with_transfer(self.client(), Arc::new(MemoryUploadCache::default()), config)
    }

    pub(crate) fn uploader_over(&self, cache: Arc<dyn UploadCache>) -> CachingUploader {
        CachingUploader::new(self.client(), cache)
    }

    /// An uploader as another process would make it.
    pub(crate) fn uploader_with_folder(&self, folder: &Path) -> CachingUploader {
        self.uploader_over(Arc::new(FileUploadCache::new(folder.join("uploads.sqlite"))))
    }
}

pub(crate) fn token(expires_at: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "token": "t0ken", "token_type": "Bearer", "base_url": "https://v3.fal.media", "expires_at": expires_at,
    }))
}

pub(crate) fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}
