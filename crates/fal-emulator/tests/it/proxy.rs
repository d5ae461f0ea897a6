//! The emulator as the proxy of a client that knows fal's real names alone.

use fal_emulator::{Emulator, Pace};
use reqwest::{Client, Proxy};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Caller, KEY, KLING, fast};
use crate::https::trusting;
use crate::pictures::{landscape, png};

async fn proxy() -> Emulator {
    Emulator::builder().pace(Pace::Fast).proxy(true).start().await.expect("starts")
}

fn through(emulator: &Emulator) -> Proxy {
    Proxy::all(format!("http://{}", emulator.address())).expect("is a URL")
}

/// The status line of the answer to a bare request.
async fn status(emulator: &Emulator, request: &str) -> String {
    let mut stream = TcpStream::connect(emulator.address()).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("is sent");
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.expect("answers");
    String::from_utf8(answer).expect("is text")
}

#[tokio::test]
async fn a_client_that_knows_only_fal_gets_its_video_unchanged() {
    let emulator = proxy().await;
    assert!(emulator.urls().queue.starts_with("http://"), "its own URLs stay as they are");
    let http = trusting(&emulator).proxy(through(&emulator)).build().expect("builds");
    let caller = Caller { http };

    let token = caller.post("https://rest.fal.ai/storage/auth/token?storage_type=fal-cdn-v3", &json!({})).await;
    let token: Value = token.json().await.expect("is JSON");
    let upload = caller.http.post(format!("{}/files/upload", token["base_url"].as_str().expect("has one")));
    let upload = upload.header("authorization", format!("Bearer {}", token["token"].as_str().expect("has one")));
    let uploaded = upload.body(png(&landscape(320, 180))).send().await.expect("answers");
    let uploaded: Value = uploaded.json().await.expect("is JSON");

    let input = json!({ "prompt": "zoom in", "image_url": uploaded["access_url"] });
    let submitted = caller.post(&format!("https://queue.fal.run/{KLING}"), &input).await;
    let submitted: Value = submitted.json().await.expect("is JSON");
    caller.completed(&submitted).await;
    let result: Value = caller.result(&submitted).await.json().await.expect("is JSON");
    let url = result["video"]["url"].as_str().expect("has one");
    assert!(url.starts_with("https://v3.fal.media/files/b/"), "{url}");
    let video = caller.get(url).await.bytes().await.expect("arrives");
    assert_eq!(&video[4..8], b"ftyp");
}

#[tokio::test]
async fn a_tunnel_carries_many_requests_over_either_version() {
    let emulator = proxy().await;
    for client in [trusting(&emulator), trusting(&emulator).http1_only()] {
        let client = client.proxy(through(&emulator)).build().expect("builds");
        for _ in 0..3 {
            let request = client.get("https://queue.fal.run/none").header("authorization", format!("Key {KEY}"));
            assert_eq!(request.send().await.expect("answers").status(), 404);
        }
    }
    assert_eq!(emulator.requests().len(), 6, "the tunnels themselves are not for fal");
}

#[tokio::test]
async fn a_whole_http_url_is_served_for_fals_names_alone() {
    let emulator = fast().await;
    let client = Client::builder().proxy(through(&emulator)).build().expect("builds");
    let caller = Caller { http: client };
    let submitted = caller.post(&format!("http://queue.fal.run/{KLING}"), &json!({})).await;
    assert_eq!(submitted.status(), 200);
    assert_eq!(caller.post(&format!("http://example.com/queue/{KLING}"), &json!({})).await.status(), 403);
    assert_eq!(emulator.ledger().charges().len(), 1);
}

#[tokio::test]
async fn no_tunnel_leads_anywhere_else() {
    let emulator = proxy().await;
    for (to, code) in [
        ("queue.fal.run:443", "200"),
        ("queue.fal.run:22", "403"),
        ("example.com:443", "403"),
        ("127.0.0.1:443", "403"),
    ] {
        let answer = status(&emulator, &format!("CONNECT {to} HTTP/1.1\r\nhost: {to}\r\n\r\n")).await;
        assert_eq!(answer, format!("HTTP/1.1 {code}"), "{to}");
    }
    let plain = fast().await;
    let request = "CONNECT queue.fal.run:443 HTTP/1.1\r\nhost: queue.fal.run:443\r\n\r\n";
    assert_eq!(status(&plain, request).await, "HTTP/1.1 403", "without a certificate there is nothing to speak");
}
