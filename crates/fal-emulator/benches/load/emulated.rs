//! The emulator under load, without rendering and without disk, and what it is asked.

use std::time::Duration;

use bytes::Bytes;
use fal_emulator::{Builder, Emulator, Pace};
use http_body_util::Full;
use hyper::Request;
use serde_json::{Value, json};

use crate::client::Client;

const ENDPOINT: &str = "fal-ai/kling-video/v2.1/standard/image-to-video";

/// With so many runners and so much time for each request.
pub(crate) fn builder(runners: usize, inference_time: Duration) -> Builder {
    Emulator::builder().pace(Pace::Fast).rendering(false).runners(runners).inference_time(inference_time)
}

pub(crate) fn address_of(emulator: &Emulator) -> String {
    emulator.address().to_string()
}

/// The request ids' own address on the queue; `base` is empty for HTTP/1.1, else scheme and authority.
pub(crate) fn request_url(base: &str, id: &str) -> String {
    format!("{base}/queue/fal-ai/kling-video/requests/{id}")
}

pub(crate) fn get(url: &str) -> Request<Full<Bytes>> {
    request("GET", url, String::new())
}

pub(crate) fn submit(base: &str) -> Request<Full<Bytes>> {
    let input = json!({ "prompt": "slow push in over the bay at dawn", "image_url": "data:image/png;base64,AAAA" });
    request("POST", &format!("{base}/queue/{ENDPOINT}"), input.to_string())
}

pub(crate) fn request(method: &str, url: &str, body: String) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(url).header("authorization", "Key id:secret");
    if url.starts_with('/') {
        request = request.header("host", "127.0.0.1");
    }
    request.body(Full::from(body)).expect("is a request")
}

/// Submits, and gives the request id.
pub(crate) async fn submitted(client: &mut Client, base: &str) -> String {
    let answer: Value = serde_json::from_slice(&client.send(submit(base)).await).expect("is JSON");
    answer["request_id"].as_str().expect("has one").to_owned()
}
