//! A bare HTTP client for the tests, with the waiting in one place.

use std::time::Duration;

use fal_emulator::{Emulator, Fault, FaultRule, Pace};
use reqwest::{Client, Response};
use serde_json::{Value, json};

pub(crate) const KEY: &str = "key-id:key-secret";
pub(crate) const KLING: &str = "fal-ai/kling-video/v2.1/standard/image-to-video";
pub(crate) const HAILUO: &str = "fal-ai/minimax/hailuo-02/standard/image-to-video";

/// Far beyond what any step takes; a test that gets here has failed.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Caller {
    pub(crate) http: Client,
}

pub(crate) async fn fast() -> Emulator {
    Emulator::builder().pace(Pace::Fast).start().await.expect("starts")
}

/// Videos of full size, but of a single second, whatever is asked and billed.
pub(crate) async fn full_size() -> Emulator {
    let short = FaultRule::new(Fault::WrongLength { seconds: 1 });
    Emulator::builder().pace(Pace::Realistic).fault(short).start().await.expect("starts")
}

impl Caller {
    pub(crate) fn new() -> Self {
        Self { http: Client::builder().no_proxy().build().expect("builds") }
    }

    pub(crate) async fn get(&self, url: &str) -> Response {
        self.http.get(url).header("authorization", format!("Key {KEY}")).send().await.expect("answers")
    }

    pub(crate) async fn post(&self, url: &str, body: &Value) -> Response {
        self.http.post(url).header("authorization", format!("Key {KEY}")).json(body).send().await.expect("answers")
    }

    /// The data of all server-sent events of an answer, once the server has closed it.
    pub(crate) async fn events(&self, url: &str) -> Vec<Value> {
        events_of(&self.get(url).await.text().await.expect("arrives"))
    }

    pub(crate) async fn put(&self, url: &str) -> Response {
        self.http.put(url).header("authorization", format!("Key {KEY}")).send().await.expect("answers")
    }

    /// Token, upload, access URL.
    pub(crate) async fn upload(&self, emulator: &Emulator, bytes: Vec<u8>) -> String {
        let rest = &emulator.urls().rest;
        let token = self.post(&format!("{rest}/storage/auth/token?storage_type=fal-cdn-v3"), &json!({})).await;
        let token: Value = token.json().await.expect("is JSON");
        let answer = self
            .http
            .post(format!("{}/files/upload", token["base_url"].as_str().expect("has one")))
            .header("authorization", format!("Bearer {}", token["token"].as_str().expect("has one")))
            .header("content-type", "image/png")
            .header("x-fal-file-name", "picture.png")
            .body(bytes)
            .send()
            .await
            .expect("answers");
        assert_eq!(answer.status(), 200);
        let answer: Value = answer.json().await.expect("is JSON");
        answer["access_url"].as_str().expect("has one").to_owned()
    }

    pub(crate) async fn submit(&self, emulator: &Emulator, endpoint: &str, input: &Value) -> Value {
        let answer = self.post(&format!("{}/{endpoint}", emulator.urls().queue), input).await;
        assert_eq!(answer.status(), 200);
        answer.json().await.expect("is JSON")
    }

    /// Waits until the request has completed, and gives the last status. Polling would take half of a small machine.
    pub(crate) async fn completed(&self, submitted: &Value) -> Value {
        let status = submitted["status_url"].as_str().expect("has one");
        let stream = async { self.get(&format!("{status}/stream")).await.bytes().await };
        tokio::time::timeout(PATIENCE, stream).await.expect("completes").expect("goes on to its end");
        self.until(submitted, |status| status["status"] == "COMPLETED").await
    }

    /// Polls until a status is as wished.
    pub(crate) async fn until(&self, submitted: &Value, wished: impl Fn(&Value) -> bool) -> Value {
        let url = format!("{}?logs=1", submitted["status_url"].as_str().expect("has one"));
        let polls = async {
            loop {
                let status: Value = self.get(&url).await.json().await.expect("is JSON");
                if wished(&status) {
                    return status;
                }
            }
        };
        tokio::time::timeout(PATIENCE, polls).await.expect("comes to that state")
    }

    pub(crate) async fn result(&self, submitted: &Value) -> Response {
        self.get(submitted["response_url"].as_str().expect("has one")).await
    }

    /// Upload, submit, wait, result, download.
    pub(crate) async fn generate(
        &self,
        emulator: &Emulator,
        endpoint: &str,
        mut input: Value,
        picture: Vec<u8>,
    ) -> Vec<u8> {
        input["image_url"] = self.upload(emulator, picture).await.into();
        let submitted = self.submit(emulator, endpoint, &input).await;
        self.completed(&submitted).await;
        let result = self.result(&submitted).await;
        assert_eq!(result.status(), 200);
        let result: Value = result.json().await.expect("is JSON");
        let video = self.get(result["video"]["url"].as_str().expect("has one")).await;
        video.bytes().await.expect("arrives").to_vec()
    }
}

/// The data of each server-sent event in a text; comments are left out.
pub(crate) fn events_of(text: &str) -> Vec<Value> {
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).expect("is JSON"))
        .collect()
}
