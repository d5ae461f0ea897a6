//! A whole generation, recorded in front of an emulator and replayed without it.

use fal_emulator::Urls;
use fal_emulator::record::{Recorder, Upstreams};
use reqwest::Response;
use serde_json::{Value, json};

use crate::client::{Caller, KEY, KLING, fast};
use crate::pictures::{landscape, png};
use crate::record::{exchanges, replay};

/// Status, content type and body of every answer, in order.
#[derive(Default)]
struct Heard(Vec<(u16, String, Vec<u8>)>);

impl Heard {
    async fn note(&mut self, answer: Response) -> Value {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.expect("arrives").to_vec();
        let json = serde_json::from_slice(&body).unwrap_or_default();
        self.0.push((status, headers["content-type"].to_str().expect("is text").to_owned(), body));
        json
    }
}

/// Token, upload, submit, statuses, result, download.
async fn generate(urls: &Urls) -> Heard {
    let (caller, mut heard) = (Caller::new(), Heard::default());
    let text = |value: &Value| value.as_str().expect("is text").to_owned();
    let token = caller.post(&format!("{}/storage/auth/token?storage_type=fal-cdn-v3", urls.rest), &json!({})).await;
    let token = heard.note(token).await;
    let upload = caller
        .http
        .post(format!("{}/files/upload", text(&token["base_url"])))
        .header("authorization", format!("Bearer {}", text(&token["token"])))
        .header("content-type", "image/png")
        .header("x-fal-file-name", "picture.png")
        .body(png(&landscape(64, 64)));
    let uploaded = heard.note(upload.send().await.expect("answers")).await;
    let input = json!({ "prompt": "zoom in on {queue}", "image_url": uploaded["access_url"] });
    let submitted = heard.note(caller.post(&format!("{}/{KLING}", urls.queue), &input).await).await;
    let status_url = format!("{}?logs=1", text(&submitted["status_url"]));
    while heard.note(caller.get(&status_url).await).await["status"] != "COMPLETED" {}
    let result = heard.note(caller.get(&text(&submitted["response_url"])).await).await;
    heard.note(caller.get(&text(&result["video"]["url"])).await).await;
    heard
}

#[tokio::test]
async fn a_recorded_generation_is_replayed_to_the_byte_without_its_host() {
    let folder = tempfile::tempdir().expect("is made");
    let emulator = fast().await;
    let recorder = Recorder::builder()
        .upstream(Upstreams::of(emulator.urls()))
        .folder(folder.path())
        .start()
        .await
        .expect("starts");
    let recorded_at = recorder.urls().clone();
    let live = generate(&recorded_at).await;
    assert_eq!(recorder.stop().await.expect("writes all"), live.0.len());
    emulator.ledger().assert_charged_once(
        serde_json::from_slice::<Value>(&live.0[2].2).expect("is JSON")["request_id"].as_str().expect("has one"),
    );
    assert_eq!(emulator.requests().len(), live.0.len(), "nothing was asked for twice");
    drop(emulator);

    let replay = replay(folder.path()).await;
    let again = generate(replay.urls()).await;
    assert_eq!(replay.unused(), []);
    assert_eq!(again.0.len(), live.0.len());
    let token: Value = serde_json::from_slice(&live.0[0].2).expect("is JSON");
    let port = |urls: &Urls| urls.queue.trim_end_matches("/queue").to_owned();
    let (here, there) = (port(&recorded_at), port(replay.urls()));
    for (live, again) in live.0.iter().zip(&again.0) {
        assert_eq!((live.0, &live.1), (again.0, &again.1));
        let expected = match String::from_utf8(live.2.clone()) {
            Ok(text) => {
                let again: Value = serde_json::from_slice(&again.2).expect("is JSON");
                let stand_in = again["token"].as_str().unwrap_or("secret-0");
                assert!(stand_in.starts_with("secret-"));
                text.replace(&here, &there).replace(token["token"].as_str().expect("has one"), stand_in).into_bytes()
            }
            Err(video) => video.into_bytes(),
        };
        assert!(expected == again.2, "{}", String::from_utf8_lossy(&again.2));
    }
}

#[tokio::test]
async fn a_file_tells_a_person_what_was_asked_and_answered() {
    let folder = tempfile::tempdir().expect("is made");
    let emulator = fast().await;
    let recorder = Recorder::builder()
        .upstream(Upstreams::of(emulator.urls()))
        .folder(folder.path())
        .start()
        .await
        .expect("starts");
    let origin = recorder.urls().queue.replace("/queue", "");
    generate(recorder.urls()).await;
    recorder.stop().await.expect("writes all");

    let exchanges = exchanges(folder.path());
    let [token, upload, submit, .., download] = exchanges.as_slice() else { panic!("are more") };
    assert_eq!(token["request"]["query"], "storage_type=fal-cdn-v3");
    assert_eq!(token["request"]["headers"]["authorization"], "Key secret-1:secret-2");
    assert_eq!(token["answer"]["body"]["json"]["base_url"], "{cdn}");
    let bearer = format!("Bearer {}", token["answer"]["body"]["json"]["token"].as_str().expect("is text"));
    assert_eq!(upload["request"]["headers"]["authorization"], bearer, "equal stays equal");
    assert_eq!(upload["request"]["body"]["file"]["name"], "00002-request.png");
    assert!(std::fs::read(folder.path().join("00002-request.png")).expect("is there") == png(&landscape(64, 64)));
    assert_eq!(submit["request"]["method"], "POST");
    assert_eq!(submit["request"]["path"], format!("/{KLING}"));
    let body = &submit["request"]["body"]["json"];
    assert_eq!(body["prompt"], "zoom in on {brace}queue}", "a prompt is content, and no placeholder");
    assert!(body["image_url"].as_str().is_some_and(|url| url.starts_with("{cdn}/files/b/")));
    let id = submit["answer"]["body"]["json"]["request_id"].as_str().expect("is text");
    assert_eq!(submit["answer"]["headers"]["x-fal-request-id"], id);
    let status_url = format!("{{queue}}/fal-ai/kling-video/requests/{id}/status");
    assert_eq!(submit["answer"]["body"]["json"]["status_url"], status_url);
    assert_eq!(download["answer"]["headers"]["content-type"], "video/mp4");
    assert!(download["answer"]["body"]["file"]["name"].as_str().is_some_and(|name| name.ends_with("-answer.mp4")));
    for exchange in &exchanges {
        let text = exchange.to_string();
        assert!(!text.contains(&origin) && !text.contains("127.0.0.1") && !text.contains(KEY), "{text}");
    }
}
