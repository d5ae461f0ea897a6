//! What fal's error answers become.

use fal_core::{Error, ErrorKind, FalApi, Recovery};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fal_at::{accepted, client, endpoint, input};

/// The error of a submit (`true`) or a result read that is answered so, and how often it was sent.
async fn refused(submit: bool, answer: ResponseTemplate) -> (Error, usize) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = client(&server.uri());
    let error = match submit {
        true => client.submit(&endpoint(), &input(), &Default::default()).await.unwrap_err(),
        false => client.result(&accepted(&client)).await.unwrap_err(),
    };
    (error, server.received_requests().await.unwrap().len())
}

fn invalid(kind: &str) -> Value {
    json!({ "detail": [{ "loc": ["body", "image_url"], "msg": "No good.", "type": kind, "input": "https://x/secret" }] })
}

#[tokio::test]
async fn every_refusal_has_its_kind_whether_of_a_submit_or_in_place_of_a_result() {
    for (code, body, kind) in [
        (400, json!({ "detail": "Invalid timeout header", "error_type": "bad_request" }), ErrorKind::Rejected),
        (401, json!({ "detail": "Cannot access application" }), ErrorKind::Unauthorized),
        (403, json!({ "detail": "Not allowed" }), ErrorKind::Unauthorized),
        (403, json!({ "detail": "User is locked. Reason: Exhausted balance." }), ErrorKind::ExhaustedBalance),
        (404, json!({ "detail": "Application not found" }), ErrorKind::NotFound),
        (404, json!({ "status": "NOT_FOUND" }), ErrorKind::NotFound),
        (410, json!({}), ErrorKind::NotFound),
        (422, invalid("one_of"), ErrorKind::Rejected),
        (422, json!({ "detail": "Unprocessable" }), ErrorKind::Rejected),
        (422, invalid("content_policy_violation"), ErrorKind::ContentPolicy),
        (413, json!("too large"), ErrorKind::Rejected),
    ] {
        for submit in [true, false] {
            let (error, sent) = refused(submit, ResponseTemplate::new(code).set_body_json(&body)).await;
            assert_eq!((error.kind(), error.recovery(), sent), (kind, Recovery::Never, 1), "{code} {body} {submit}");
            assert!(!error.advice().is_empty());
        }
    }
}

#[tokio::test]
async fn a_result_that_is_asked_for_too_early_comes_later() {
    let early = ResponseTemplate::new(400).set_body_json(json!({ "detail": "Request is still in progress" }));
    let (error, sent) = refused(false, early).await;
    assert_eq!((error.kind(), error.recovery(), sent), (ErrorKind::NotReady, Recovery::Later, 1));
}

#[tokio::test]
async fn a_cancelled_request_says_so_in_place_of_its_result() {
    let gone = ResponseTemplate::new(499).set_body_json(json!({ "detail": "x", "error_type": "client_cancelled" }));
    let (error, _) = refused(false, gone).await;
    assert_eq!((error.kind(), error.recovery()), (ErrorKind::Cancelled, Recovery::Never));
}

#[tokio::test]
async fn all_fields_that_fal_refused_are_named_without_what_was_in_them() {
    let body = json!({ "detail": [
        { "loc": ["body", "duration"], "msg": "Must be 5 or 10.", "type": "one_of", "input": "7", "ctx": { "expected": ["5", "10"] } },
        { "loc": ["body", "camera", 0, "zoom"], "msg": "Field required", "type": "missing" },
    ] });
    let answer = ResponseTemplate::new(422).set_body_json(body).insert_header("x-fal-request-id", "r-7");
    let (error, _) = refused(true, answer).await;
    let Error::Api(api) = &error else { panic!("{error:?}") };
    let fields: Vec<_> =
        api.fields().iter().map(|field| (field.field.as_str(), field.message.as_str(), field.kind.as_str())).collect();
    assert_eq!(fields, [("duration", "Must be 5 or 10.", "one_of"), ("camera.0.zoom", "Field required", "missing")]);
    assert_eq!((api.status().as_u16(), api.error_type(), api.request_id()), (422, Some("one_of"), Some("r-7")));
    let shown = "fal answered 422 (one_of): duration: Must be 5 or 10.; camera.0.zoom: Field required";
    assert_eq!((error.to_string().as_str(), error.request_id()), (shown, Some("r-7")));
}

#[tokio::test]
async fn a_models_failure_in_place_of_a_result_is_told_as_it_is() {
    let body = json!({ "detail": "Request timed out", "error_type": "request_timeout" });
    let answer = ResponseTemplate::new(504).set_body_json(body).insert_header("x-fal-request-id", "r-7");
    let (error, sent) = refused(false, answer.clone()).await;
    assert_eq!((error.kind(), error.request_id(), sent), (ErrorKind::Interrupted, Some("r-7"), 3));
    assert_eq!(error.to_string(), "fal answered 504 (request_timeout): Request timed out");
    // The caller's own deadline: asking again brings the same.
    let (error, sent) = refused(false, answer.insert_header("x-fal-request-timeout-type", "user")).await;
    assert_eq!((error.kind(), sent), (ErrorKind::Interrupted, 1));
}

#[tokio::test]
async fn the_header_names_the_error_when_the_body_does_not() {
    let answer = ResponseTemplate::new(500)
        .set_body_raw("<html>oops</html>", "text/html")
        .insert_header("x-fal-error-type", "runner_server_error");
    let (error, _) = refused(false, answer).await;
    assert_eq!(error.to_string(), "fal answered 500 (runner_server_error)");
}
