//! fal-upload as a contender: one file, sent once.

use std::io::BufRead;
use std::sync::Arc;

use fal_core::{Credentials, FalClient, FalConfig, HostClass, Hosts, TransportConfig};
use fal_upload::{CachingUploader, MemoryUploadCache, Progress, Source, Uploader};

/// The key that the emulator takes.
pub(crate) const KEY: &str = "bench-id:bench-secret";

/// A client of an emulator, all defaults.
pub(crate) fn client(url: &str, authority: &str) -> FalClient {
    let classes = [HostClass::Rest, HostClass::Cdn];
    let at = |hosts: Hosts, class: HostClass| hosts.with(class, &format!("{url}/{}", class.name()));
    let hosts = classes.into_iter().try_fold(Hosts::default(), at).expect("are addresses");
    let root_certificates = Some(std::fs::read(authority).expect("can be read"));
    let transport = TransportConfig { root_certificates, ..TransportConfig::default() };
    let config = FalConfig::new(Credentials::key(KEY).expect("is a key")).with_hosts(hosts).with_transport(transport);
    FalClient::new(config).expect("can be set up")
}

/// Says that it is set up, uploads at the word, and stays until it was measured.
pub(crate) async fn run(arguments: &[String]) {
    let [file, url, authority] = arguments else { panic!("a file, an address and an authority are wanted") };
    let uploader = CachingUploader::new(client(url, authority), Arc::new(MemoryUploadCache::default()));
    println!("ready fal-upload {}", env!("CARGO_PKG_VERSION"));
    wait_for_the_driver();
    let uploaded = uploader.upload(&Source::Path(file.into()), &Progress::none()).await.expect("arrives");
    println!("done {}", uploaded.url);
    wait_for_the_driver();
}

fn wait_for_the_driver() {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).expect("the driver is there");
}
