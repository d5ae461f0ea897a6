//! Files in and out: uploads in one piece and in parts, downloads, lives and access.

mod access;
mod downloads;
mod lives;
#[cfg(all(feature = "program", target_os = "linux"))]
mod memory;
mod parts;
mod records;
mod settings;
mod uploads;

use std::fs;
use std::path::Path;
use std::time::Duration;

use fal_emulator::{Emulator, Pace};
use reqwest::Response;
use serde_json::{Value, json};

use crate::client::{Caller, KEY};

pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const LIFECYCLE: &str = "x-fal-object-lifecycle";
const TEXT: &[u8] = b"0123456789";

async fn on(folder: &Path) -> Emulator {
    Emulator::builder().state_dir(folder).pace(Pace::Fast).start().await.expect("starts")
}

/// Moves the clock on; the time in which HTTP happens is real.
pub(crate) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// What is in a folder of the state.
fn names(state: &Path, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(state.join(folder)).expect("is there");
    entries.map(|entry| entry.expect("is read").file_name().to_string_lossy().into_owned()).collect()
}

/// Waits for what happens by itself.
pub(crate) async fn until(happened: impl Fn() -> bool) {
    let wait = async {
        while !happened() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("happens");
}

pub(crate) async fn json_of(answer: Response, status: u16) -> Value {
    let (found, text) = (answer.status().as_u16(), answer.text().await.expect("arrives"));
    assert_eq!(found, status, "{text}");
    serde_json::from_str(&text).expect("is JSON")
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().expect("has one")
}

impl Caller {
    /// The value of the `Authorization` header for the CDN.
    async fn bearer(&self, emulator: &Emulator) -> String {
        let url = format!("{}/storage/auth/token?storage_type=fal-cdn-v3", emulator.urls().rest);
        let token = json_of(self.post(&url, &json!({})).await, 200).await;
        format!("{} {}", text(&token, "token_type"), text(&token, "token"))
    }

    /// Uploads by token with one more header, and gives the URL.
    async fn upload_with(&self, emulator: &Emulator, header: (&str, &str), bytes: impl Into<reqwest::Body>) -> String {
        let answer = self
            .http
            .post(format!("{}/files/upload", emulator.urls().cdn))
            .header("authorization", self.bearer(emulator).await)
            .header("content-type", "image/png")
            .header(header.0, header.1)
            .body(bytes);
        let answer = json_of(answer.send().await.expect("answers"), 200).await;
        text(&answer, "access_url").to_owned()
    }

    async fn initiate(&self, emulator: &Emulator, call: &str, header: (&str, &str)) -> Value {
        let url = format!("{}/storage/upload/{call}?storage_type=fal-cdn-v3", emulator.urls().rest);
        let asked = json!({ "file_name": "my file.bin", "content_type": "application/x-test" });
        let request = self.http.post(url).header("authorization", format!("Key {KEY}")).header(header.0, header.1);
        json_of(request.json(&asked).send().await.expect("answers"), 200).await
    }

    /// The status of a download without credentials.
    async fn status(&self, url: &str) -> u16 {
        self.http.get(url).send().await.expect("answers").status().as_u16()
    }

    /// A call of the platform API about one file.
    fn about(&self, emulator: &Emulator, method: &str, call: &str, url: &str) -> reqwest::RequestBuilder {
        let address = format!("{}/v1/storage/{call}", emulator.urls().platform);
        let address = reqwest::Url::parse_with_params(&address, [("url", url)]).expect("is one");
        let method = method.parse().expect("is one");
        self.http.request(method, address).header("authorization", format!("Key {KEY}"))
    }
}
