//! The emulator under fal's own host names, as for a client whose hosts are redirected to it.

use fal_emulator::{Emulator, HostClass, Pace};
use reqwest::Client;
use serde_json::{Value, json};

use crate::client::{Caller, KEY, KLING, fast};
use crate::https::trusting;
use crate::pictures::{landscape, png};

/// A client for which the name is the emulator's address, as with a line in the hosts file.
fn redirected(emulator: &Emulator, name: &str) -> Caller {
    Caller { http: Client::builder().no_proxy().resolve(name, emulator.address()).build().expect("builds") }
}

#[tokio::test]
async fn a_request_under_fals_name_needs_no_prefix_and_is_answered_with_fals_names() {
    let emulator = fast().await;
    let port = emulator.address().port();
    let submit = format!("http://queue.fal.run:{port}/{KLING}");
    let caller = redirected(&emulator, "queue.fal.run");
    let submitted: Value = caller.post(&submit, &json!({ "prompt": "x" })).await.json().await.expect("is JSON");
    let id = submitted["request_id"].as_str().expect("has one");
    let response_url = format!("https://queue.fal.run/fal-ai/kling-video/requests/{id}");
    assert_eq!(submitted["response_url"], response_url);
    assert_eq!(submitted["status_url"], format!("{response_url}/status"));
    assert_eq!(submitted["cancel_url"], format!("{response_url}/cancel"));

    let recorded = &emulator.requests()[0];
    assert_eq!((recorded.host_class, recorded.path_and_query.as_str()), (HostClass::Queue, &*format!("/{KLING}")));
    assert_eq!(recorded.status, Some(200));
    emulator.ledger().assert_charged_once(id);
}

#[tokio::test]
async fn uploads_are_answered_with_fals_names_and_found_under_them() {
    let emulator = fast().await;
    let port = emulator.address().port();
    let rest = redirected(&emulator, "rest.fal.ai");
    let token = rest.post(&format!("http://rest.fal.ai:{port}/storage/auth/token"), &json!({})).await;
    let token: Value = token.json().await.expect("is JSON");
    assert_eq!(token["base_url"], "https://v3.fal.media");
    let asked = json!({ "file_name": "a.png", "content_type": "image/png" });
    let initiated = rest.post(&format!("http://rest.fal.ai:{port}/storage/upload/initiate"), &asked).await;
    let initiated: Value = initiated.json().await.expect("is JSON");
    let initiated_url = initiated["upload_url"].as_str().expect("has one");
    assert!(initiated_url.starts_with("https://v3.fal.media/files/b/"), "{initiated_url}");

    let cdn = redirected(&emulator, "v3.fal.media");
    let uploaded = cdn
        .http
        .post(format!("http://v3.fal.media:{port}/files/upload"))
        .header("authorization", format!("Bearer {}", token["token"].as_str().expect("has one")))
        .body(png(&landscape(320, 180)))
        .send();
    let uploaded: Value = uploaded.await.expect("answers").json().await.expect("is JSON");
    let access_url = uploaded["access_url"].as_str().expect("has one");
    assert!(access_url.starts_with("https://v3.fal.media/files/b/"), "{access_url}");

    let caller = Caller::new();
    let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "x", "image_url": access_url })).await;
    caller.completed(&submitted).await;
    assert_eq!(caller.result(&submitted).await.status(), 200, "the emulator knows its own file by fal's name");
}

#[tokio::test]
async fn the_prefix_is_no_part_of_a_path_under_fals_name() {
    let emulator = fast().await;
    let url = format!("http://queue.fal.run:{}/queue/{KLING}", emulator.address().port());
    assert_eq!(redirected(&emulator, "queue.fal.run").post(&url, &json!({})).await.status(), 404);
}

#[tokio::test]
async fn the_certificate_is_good_for_every_name() {
    let emulator = Emulator::builder().pace(Pace::Fast).https(true).start().await.expect("starts");
    let port = emulator.address().port();
    for name in ["queue.fal.run", "fal.run", "rest.fal.ai", "rest.alpha.fal.ai", "v9.fal.media", "localhost"] {
        let client = trusting(&emulator).resolve(name, emulator.address()).build().expect("builds");
        let request = client.get(format!("https://{name}:{port}/none")).header("authorization", format!("Key {KEY}"));
        // Nothing is there, or, for direct calls, nothing to be read.
        assert!(matches!(request.send().await.expect("is trusted").status().as_u16(), 404 | 405), "{name}");
    }
}
