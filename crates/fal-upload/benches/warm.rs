//! What it costs to upload a file that has not changed since: `cargo bench -p fal-upload --bench warm`.
//!
//! Nothing is sent but the first upload, to a CDN in this process. The figures are of this machine and its disk.

#![expect(clippy::print_stdout, reason = "a report")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fal_core::{Credentials, FalClient, FalConfig, HostClass, Hosts};
use fal_upload::{
    CachingUploader, FileUploadCache, MemoryUploadCache, Progress, Source, TransferConfig, UploadCache, Uploader,
};
use serde_json::json;
use tokio::time::Instant;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const TIMES: usize = 5_000;
const FILE_BYTES: usize = 8 << 20;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let cdn = cdn().await;
    let picture = picture(folder.path());
    println!("An unchanged file of {} MiB, uploaded again {TIMES} times, one after the other:", FILE_BYTES >> 20);
    let file = || FileUploadCache::new(folder.path().join("uploads.sqlite"));
    report("memory", &cdn, &picture, Arc::new(MemoryUploadCache::default())).await;
    report("file", &cdn, &picture, Arc::new(file())).await;

    let uploader = uploader(&cdn, Arc::new(file()));
    let opened = Instant::now();
    let cached = uploader.upload(&picture, &Progress::none()).await.expect("uploads").cached;
    assert!(cached, "a process before this one has sent it");
    println!("The first look-up of another process, which opens the file: {:.0?}", opened.elapsed());
}

async fn report(name: &str, cdn: &MockServer, picture: &Source, cache: Arc<dyn UploadCache>) {
    let uploader = uploader(cdn, cache);
    let began = Instant::now();
    uploader.upload(picture, &Progress::none()).await.expect("uploads");
    let first = began.elapsed();
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let began = Instant::now();
        let uploaded = uploader.upload(picture, &Progress::none()).await.expect("uploads");
        times.push(began.elapsed());
        assert!(uploaded.cached);
    }
    times.sort();
    let (median, slow, slowest) = (times[TIMES / 2], times[TIMES * 99 / 100], times[TIMES - 1]);
    println!("  {name:<6} first {first:>8.1?}, then median {median:.1?}, p99 {slow:.1?}, slowest {slowest:.1?}");
}

fn uploader(cdn: &MockServer, cache: Arc<dyn UploadCache>) -> CachingUploader {
    let classes = [HostClass::Rest, HostClass::Cdn].into_iter();
    let hosts = classes.fold(Hosts::default(), |hosts, class| hosts.with(class, &cdn.uri()).expect("an address"));
    let config = FalConfig::new(Credentials::key("key-id:s3cret").expect("a key")).with_hosts(hosts);
    let transfer = TransferConfig { verify: false, ..TransferConfig::default() };
    CachingUploader::with_transfer(FalClient::new(config).expect("a client"), cache, transfer)
}

/// Takes every file.
async fn cdn() -> MockServer {
    let server = MockServer::start().await;
    let token = json!({
        "token": "t0ken", "token_type": "Bearer", "base_url": server.uri(), "expires_at": "2999-01-01T00:00:00+00:00",
    });
    let file = json!({ "access_url": format!("{}/files/1.png", server.uri()) });
    for (at, answer) in [("/storage/auth/token", token), ("/files/upload", file)] {
        let answer = ResponseTemplate::new(200).set_body_json(answer);
        Mock::given(method("POST")).and(path(at)).respond_with(answer).mount(&server).await;
    }
    server
}

/// A file that has not been written to for an hour.
fn picture(folder: &Path) -> Source {
    let path = folder.join("picture.png");
    std::fs::write(&path, vec![7; FILE_BYTES]).expect("written");
    let an_hour_ago = SystemTime::now() - Duration::from_secs(60 * 60);
    let file = std::fs::File::options().write(true).open(&path).expect("there");
    file.set_modified(an_hour_ago).expect("times can be set");
    Source::Path(path)
}
