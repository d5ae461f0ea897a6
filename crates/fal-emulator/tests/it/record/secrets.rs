//! No secret reaches the disk, in whatever form it travels.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::routing::any;
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER};
use fal_emulator::HostClass;
use fal_emulator::record::{Recorder, Upstreams};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::client::Caller;
use crate::record::{exchanges, served};

/// A host that says back all that it was told, in one more form.
async fn echo(headers: HeaderMap, request: Request) -> ([(header::HeaderName, String); 3], String) {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.expect("arrives");
    let body = String::from_utf8_lossy(&body).into_owned();
    let (answer, content_type) = if said("accept") == "text/event-stream" {
        (
            format!(": {query}\n\ndata: {body}\n\nevent: {}\ndata: {query}\n\n", said("authorization")),
            "text/event-stream",
        )
    } else if said("accept") == "text/plain" {
        (format!("{} {query} {body}", said("authorization")), "text/plain")
    } else {
        (json!({ "key": said("authorization"), "query": query, "body": body }).to_string(), "application/json")
    };
    let location = format!("https://v3.fal.media/x?{query}");
    (
        [
            (header::CONTENT_TYPE, content_type.to_owned()),
            (header::SET_COOKIE, said("cookie")),
            (header::LOCATION, location),
        ],
        answer,
    )
}

/// Every form of a secret that must not be found.
fn forms(id: &str, secret: &str) -> Vec<String> {
    let pair = format!("{id}:{secret}");
    let mut forms: Vec<String> =
        [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD].iter().map(|b| b.encode(pair.as_bytes())).collect();
    for plain in [id, secret] {
        forms.push(plain.to_owned());
        forms.push(percent(plain));
        forms.push(plain.bytes().map(|b| format!("%{b:02x}")).collect());
        forms.push(percent(&percent(plain)));
        forms.push(json!(plain).to_string().trim_matches('"').to_owned());
        forms.push(json!(json!(plain).to_string()).to_string().trim_matches(['"', '\\']).to_owned());
    }
    forms
}

/// All but letters and digits with a percent sign.
fn percent(text: &str) -> String {
    let one = |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(one).collect()
}

/// Sends the key in every way that there is, and gives all that was written.
async fn written(id: &str, secret: &str) -> String {
    let folder = tempfile::tempdir().expect("is made");
    let host = served(Router::new().fallback(any(echo))).await;
    let upstream = Upstreams::fal().with(HostClass::Queue, host);
    let recorder = Recorder::builder().upstream(upstream).folder(folder.path()).start().await.expect("starts");
    let (http, all) = (Caller::new().http, forms(id, secret).join(" "));
    for accept in ["application/json", "text/plain", "text/event-stream"] {
        let query =
            format!("x={}&token={}&u={}", percent(secret), percent(id), percent(&format!("https://a.b/?k={all}")));
        let request = http
            .post(format!("{}/{}/x?{query}", recorder.urls().queue, percent(secret)))
            .header("authorization", format!("Key {id}:{secret}"))
            .header("x-fal-runner-hint", percent(secret))
            .header("accept", accept)
            .header("content-type", "application/json")
            .body(json!({ "text": all, "token": secret, "deep": [{ (id): all }] }).to_string());
        let answer = request.send().await.expect("answers");
        assert!(answer.text().await.expect("arrives").contains(&percent(secret)), "the client hears all of it");
        let body = [b"\xff\x00", all.as_bytes()].concat();
        http.put(format!("{}/x.bin", recorder.urls().queue)).body(body).send().await.expect("answers");
    }
    recorder.stop().await.expect("writes all");
    let files = folder.path().read_dir().expect("is there").map(|entry| entry.expect("is read").path());
    files.map(|path| String::from_utf8_lossy(&std::fs::read(path).expect("is read")).into_owned()).collect()
}

#[test]
fn no_form_of_the_key_is_in_the_folder() {
    let runtime = tokio::runtime::Runtime::new().expect("is made");
    let parts = ("[A-Za-z0-9][A-Za-z0-9/+=._%-]{8,36}", "[A-Za-z0-9][A-Za-z0-9/+=._%:-]{8,36}");
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&parts, |(id, secret)| {
            let written = runtime.block_on(written(&id, &secret));
            prop_assert!(written.contains("secret-1"));
            for form in forms(&id, &secret) {
                prop_assert!(!written.contains(&form), "{form} in {written}");
            }
            Ok(())
        })
        .expect("holds");
}

#[tokio::test]
async fn tokens_and_signatures_of_answers_are_taken_out_and_stay_equal() {
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    let answer = json!({
        "token": "0123456789abcdef", "token_type": "Bearer", "note": format!("use 0123456789abcdef or {TOKEN}"),
        "upload_url": "https://storage.googleapis.com/b/o?X-Goog-Expires=60&X-Goog-Signature=c0ffee00c0ffee&other=permission",
        "file_url": "https://v3.fal.media/x?upload_token=ab&logs=1",
        "created": { "key_id": "new-key-id", "key_secret": "new-key-secret", "key": "new-key-id:new-key-secret" },
    });
    let folder = tempfile::tempdir().expect("is made");
    let told = answer.clone();
    let host = served(Router::new().fallback(any(move || async { axum::Json(told) }))).await;
    let upstream = Upstreams::fal().with(HostClass::Rest, host);
    let recorder = Recorder::builder().upstream(upstream).folder(folder.path()).start().await.expect("starts");
    let caller = Caller::new();
    let first = caller.post(&format!("{}/x", recorder.urls().rest), &json!({})).await;
    assert_eq!(first.json::<Value>().await.expect("is JSON")["token"], answer["token"], "the client hears all of it");
    let second = caller.http.put(format!("{}/y?upload_token=c0ffee00c0ffee", recorder.urls().rest));
    second
        .header("authorization", "Bearer 0123456789abcdef")
        .header("x-fal-cdn-token", TOKEN)
        .send()
        .await
        .expect("answers");
    recorder.stop().await.expect("writes all");

    let [first, second] = exchanges(folder.path()).try_into().expect("are two");
    let body = &first["answer"]["body"]["json"];
    let stand_in = body["token"].as_str().expect("is text");
    assert_eq!(second["request"]["headers"]["authorization"], format!("Bearer {stand_in}"));
    let web_token = second["request"]["headers"]["x-fal-cdn-token"].as_str().expect("is text");
    assert_eq!(body["note"], format!("use {stand_in} or {web_token}"));
    let signature =
        second["request"]["query"].as_str().and_then(|query| query.strip_prefix("upload_token=")).expect("is there");
    let upload_url = body["upload_url"].as_str().expect("is text");
    assert!(upload_url.starts_with("{cdn}/~storage.googleapis.com/b/o?X-Goog-Expires=secret-"), "{upload_url}");
    assert!(upload_url.contains(&format!("&X-Goog-Signature={signature}&other=secret-")), "{upload_url}");
    let file_url = body["file_url"].as_str().expect("is text");
    assert!(file_url.starts_with("{cdn}/x?upload_token=secret-") && file_url.ends_with("&logs=1"), "{file_url}");
    assert_eq!(body["token_type"], "Bearer");
    let (id, secret) = (&body["created"]["key_id"], &body["created"]["key_secret"]);
    assert_eq!(
        body["created"]["key"],
        format!("{}:{}", id.as_str().expect("is text"), secret.as_str().expect("is text"))
    );
    let all = format!("{first}{second}");
    let secrets = ["0123456789abcdef", TOKEN, "c0ffee", "permission", "new-key"];
    assert!(secrets.iter().all(|secret| !all.contains(secret)), "{all}");
}

#[tokio::test]
async fn a_short_key_is_hidden_where_it_stands_and_words_stay_whole() {
    let folder = tempfile::tempdir().expect("is made");
    let host = served(Router::new().fallback(any(|| async { axum::Json(json!({ "request_id": "video" })) }))).await;
    let upstream = Upstreams::fal().with(HostClass::Queue, host);
    let recorder = Recorder::builder().upstream(upstream).folder(folder.path()).start().await.expect("starts");
    let request = Caller::new().http.get(format!("{}/id", recorder.urls().queue)).header("authorization", "Key id:sec");
    request.send().await.expect("answers");
    recorder.stop().await.expect("writes all");
    let [written] = exchanges(folder.path()).try_into().expect("is one");
    assert_eq!(written["request"]["headers"]["authorization"], "Key secret-1:secret-2");
    assert_eq!(written["answer"]["body"]["json"], json!({ "request_id": "video" }));
    assert!(!HEXLOWER.encode(written.to_string().as_bytes()).contains(&HEXLOWER.encode(b"id:sec")));
}
