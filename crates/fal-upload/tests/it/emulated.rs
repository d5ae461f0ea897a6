//! Uploaders on the emulator, and what has arrived there.

use std::sync::Arc;
use std::time::Duration;

use fal_core::{Credentials, FalClient, FalConfig, HostClass, Hosts, RetryPolicy};
use fal_emulator::{Emulator, FaultRule, Pace};
use fal_upload::{CachingUploader, MemoryUploadCache, Source, TransferConfig};

/// Sizes that a test can afford: parts of 1,000 bytes above 2,000.
pub(crate) const SMALL: TransferConfig = TransferConfig {
    largest_file: 1 << 30,
    one_request: 2_000,
    part: 1_000,
    parts_at_once: 3,
    most_memory: 1 << 20,
    patience: Duration::from_secs(60),
    verify: true,
};

pub(crate) async fn emulator(faults: impl IntoIterator<Item = FaultRule>) -> Emulator {
    let builder = Emulator::builder().pace(Pace::Fast).rendering(false);
    faults.into_iter().fold(builder, |builder, fault| builder.fault(fault)).start().await.unwrap()
}

pub(crate) fn client(emulator: &Emulator) -> FalClient {
    let urls = emulator.urls();
    let hosts = [(HostClass::Rest, &urls.rest), (HostClass::Cdn, &urls.cdn)];
    let hosts = hosts.into_iter().fold(Hosts::default(), |hosts, (class, url)| hosts.with(class, url).unwrap());
    let quick = Duration::from_millis(1);
    let retry = RetryPolicy { initial_delay: quick, max_delay: quick, jitter: false, ..RetryPolicy::default() };
    let config = FalConfig::new(Credentials::key("key-id:s3cret").unwrap()).with_hosts(hosts);
    FalClient::new(config.with_retry(retry).with_breaker(None)).unwrap()
}

pub(crate) fn uploader(emulator: &Emulator, config: TransferConfig) -> CachingUploader {
    CachingUploader::with_transfer(client(emulator), Arc::new(MemoryUploadCache::default()), config)
}

/// Bytes of which no two thousand are alike.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    (0_u32..).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).take(length).collect()
}

pub(crate) fn source(bytes: &[u8]) -> Source {
    Source::Bytes { name: "noise.bin".to_owned(), bytes: bytes.to_vec().into() }
}

/// What the emulator has at an address.
pub(crate) async fn stored(client: &FalClient, url: &str) -> Vec<u8> {
    use fal_core::FalApi;
    client.download(url).await.unwrap().body.collect(1 << 30).await.unwrap().to_vec()
}

/// What was asked, in short: method and the last part of the path that is no id.
pub(crate) fn asked(emulator: &Emulator) -> Vec<String> {
    let short = |path: &str| {
        let path = path.split('?').next().unwrap_or_default();
        let known = ["token", "initiate", "initiate-multipart", "upload", "multipart", "complete"];
        let last = path.rsplit('/').find(|part| known.contains(part) || part.parse::<u32>().is_ok());
        last.map(|part| if part.parse::<u32>().is_ok() { "part" } else { part }).unwrap_or("file").to_owned()
    };
    emulator.requests().iter().map(|seen| format!("{} {}", seen.method, short(&seen.path_and_query))).collect()
}
