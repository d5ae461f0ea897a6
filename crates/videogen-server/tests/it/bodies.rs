//! Bodies that are no request: too large, no JSON, or not said to be.

use serde_json::{Value, json};

use crate::stage::{Caller, Stage, problem};

async fn send(caller: &Caller, kind: Option<&str>, body: impl Into<reqwest::Body>) -> (u16, Value) {
    let mut request = caller.http.post(caller.url("/v1/tasks")).body(body);
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    problem(request.send().await.expect("answers")).await
}

#[tokio::test]
async fn a_body_of_more_than_20_mib_is_refused_and_one_of_20_is_read() {
    let stage = Stage::set().await;
    let most = 20 << 20;
    let (status, error) = send(&stage.caller, Some("application/json"), vec![b' '; most + 1]).await;
    assert_eq!((status, &error["kind"]), (413, &json!("too_large")));
    let (status, error) = send(&stage.caller, Some("application/json"), vec![b' '; most]).await;
    assert_eq!((status, &error["kind"]), (400, &json!("malformed")), "it was read, and is no JSON");
}

#[tokio::test]
async fn what_is_not_a_json_object_is_told_by_its_place_without_its_text() {
    let stage = Stage::set().await;
    for body in ["private words", r#"{"motion_prompt": private}"#, "[]", "\"private\"", ""] {
        let (status, error) = send(&stage.caller, Some("application/json; charset=utf-8"), body).await;
        assert_eq!((status, &error["kind"]), (400, &json!("malformed")), "{body}");
        assert!(!error.to_string().contains("private"), "{error}");
    }
}

#[tokio::test]
async fn what_is_not_said_to_be_json_is_refused_as_a_web_page_could_have_sent_it() {
    let stage = Stage::set().await;
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/jsonp")] {
        let (status, error) = send(&stage.caller, kind, "{}").await;
        assert_eq!((status, &error["kind"]), (415, &json!("unsupported_media_type")), "{kind:?}");
    }
}
