//! The port over TLS, with a certificate of the emulator's own authority.

use fal_emulator::{Emulator, Pace};
use reqwest::{Certificate, Client, ClientBuilder, Version};
use serde_json::json;

use crate::client::{Caller, KLING, fast};
use crate::pictures::{landscape, png};

/// A client that trusts the emulator's authority and no other.
pub(crate) fn trusting(emulator: &Emulator) -> ClientBuilder {
    let ca = Certificate::from_pem(emulator.ca_pem().expect("has one").as_bytes()).expect("is a certificate");
    Client::builder().no_proxy().tls_certs_only([ca])
}

async fn secure() -> Emulator {
    Emulator::builder().pace(Pace::Fast).https(true).start().await.expect("starts")
}

#[tokio::test]
async fn a_video_is_made_over_https() {
    let emulator = secure().await;
    assert!(emulator.urls().queue.starts_with("https://127.0.0.1:"));
    let caller = Caller { http: trusting(&emulator).build().expect("builds") };
    let video = caller.generate(&emulator, KLING, json!({ "prompt": "zoom in" }), png(&landscape(320, 180))).await;
    assert_eq!(&video[4..8], b"ftyp");
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_with_tls_and_without() {
    let emulator = secure().await;
    let encrypted = format!("{}/files/b/none/x.png", emulator.urls().cdn);
    let clear = encrypted.replace("https:", "http:");
    for (url, client, version) in [
        (&encrypted, trusting(&emulator), Version::HTTP_2),
        (&encrypted, trusting(&emulator).http1_only(), Version::HTTP_11),
        (&clear, trusting(&emulator), Version::HTTP_11),
        (&clear, trusting(&emulator).http2_prior_knowledge(), Version::HTTP_2),
    ] {
        let answer = client.build().expect("builds").get(url).send().await.expect("answers");
        assert_eq!((answer.status().as_u16(), answer.version()), (404, version), "{url}");
    }
    assert_eq!(emulator.requests().len(), 4);
}

#[tokio::test]
async fn whoever_does_not_trust_the_authority_is_not_connected() {
    let emulator = secure().await;
    let error = Caller::new().http.get(&emulator.urls().queue).send().await.expect_err("is refused");
    assert!(error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn trust_outlives_a_restart_on_the_same_folder() {
    let folder = tempfile::tempdir().expect("is made");
    let start = async || Emulator::builder().state_dir(folder.path()).https(true).start().await.expect("starts");
    let first = start().await;
    let client = trusting(&first).build().expect("builds");
    drop(first);
    let second = start().await;
    assert_eq!(client.get(&second.urls().queue).send().await.expect("is trusted").status(), 404);
    assert_eq!(second.ca_file(), Some(folder.path().join("ca.pem").as_path()));
}

#[cfg(unix)]
#[tokio::test]
async fn the_private_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let emulator = secure().await;
    let key = emulator.ca_file().expect("has one").with_file_name("ca-key.pem");
    assert_eq!(key.metadata().expect("is there").permissions().mode() & 0o777, 0o600);
    assert!(!format!("{emulator:?}").contains("PRIVATE"));
}

#[tokio::test]
async fn a_spoilt_key_is_named_and_not_replaced() {
    let folder = tempfile::tempdir().expect("is made");
    for name in ["ca.pem", "ca-key.pem"] {
        std::fs::write(folder.path().join(name), "nothing").expect("is written");
    }
    let error = Emulator::builder().state_dir(folder.path()).https(true).start().await.expect_err("is refused");
    assert!(error.to_string().contains("ca-key.pem"), "{error}");
    assert_eq!(std::fs::read(folder.path().join("ca-key.pem")).expect("is there"), b"nothing");
}

#[tokio::test]
async fn a_plain_start_makes_no_certificate() {
    let emulator = fast().await;
    assert_eq!((emulator.ca_pem(), emulator.ca_file()), (None, None));
}
