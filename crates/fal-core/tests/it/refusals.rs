//! What fal's error answers become.

use std::sync::Arc;

use fal_core::{Error, ErrorKind, ErrorType, FalApi, Recovery};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fal_at::{QUICK, accepted, client, endpoint, input, over};
use crate::scripted::{ScriptedTransport, answered};

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
    let fields: Vec<_> = api
        .fields()
        .iter()
        .map(|field| (field.field.as_str(), field.message.as_str(), field.error_type.as_str()))
        .collect();
    assert_eq!(fields, [("duration", "Must be 5 or 10.", "one_of"), ("camera.0.zoom", "Field required", "missing")]);
    assert_eq!(
        (api.status().as_u16(), api.error_type(), api.request_id()),
        (422, Some(&ErrorType::OneOf), Some("r-7"))
    );
    assert_eq!((&api.fields()[0].context["expected"], api.fields()[1].context.len()), (&json!(["5", "10"]), 0));
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

/// fal's documentation of May 2026: the error types of models and of requests, with the statuses that they have.
const REFERENCE: &[(u16, &[&str], ErrorKind)] = &[
    (
        500,
        &["internal_server_error", "downstream_service_error", "downstream_service_unavailable"],
        ErrorKind::Interrupted,
    ),
    (500, &["runner_server_error", "internal_error"], ErrorKind::Interrupted),
    (502, &["runner_incomplete_response"], ErrorKind::Interrupted),
    (503, &["runner_scheduling_failure", "runner_connection_timeout", "runner_disconnected"], ErrorKind::Interrupted),
    (503, &["runner_connection_refused", "runner_connection_error"], ErrorKind::Interrupted),
    (504, &["generation_timeout", "request_timeout", "startup_timeout"], ErrorKind::Interrupted),
    (499, &["client_disconnected", "client_cancelled"], ErrorKind::Cancelled),
    (400, &["bad_request", "downstream_service_error"], ErrorKind::Rejected),
    (422, &["content_policy_violation"], ErrorKind::ContentPolicy),
    (
        422,
        &[
            "no_media_generated",
            "image_too_small",
            "image_too_large",
            "image_load_error",
            "file_download_error",
            "face_detection_error",
            "feature_not_supported",
            "file_too_large",
            "greater_than",
            "greater_than_equal",
            "less_than",
            "less_than_equal",
            "multiple_of",
            "sequence_too_short",
            "sequence_too_long",
            "one_of",
            "invalid_archive",
            "archive_file_count_below_minimum",
            "archive_file_count_exceeds_maximum",
            "audio_duration_too_long",
            "audio_duration_too_short",
            "video_duration_too_long",
            "video_duration_too_short",
            "unsupported_image_format",
            "unsupported_audio_format",
            "unsupported_video_format",
            "missing",
            "value_error.missing",
            "string_type",
        ],
        ErrorKind::Rejected,
    ),
];

#[tokio::test]
async fn every_error_of_fals_reference_is_typed_and_has_its_kind() {
    for (status, names, kind) in REFERENCE {
        for name in *names {
            for body in [json!({ "detail": "x", "error_type": name }), invalid(name)] {
                let answer = || answered(*status, body.to_string());
                let client = over(&Arc::new(ScriptedTransport::new([answer(), answer(), answer()])), QUICK);
                let error = client.result(&accepted(&client)).await.unwrap_err();
                let Error::Api(api) = &error else { panic!("{error:?}") };
                let named = api.error_type().unwrap();
                assert!(named.as_str() == *name && !matches!(named, ErrorType::Other(_)), "{name}");
                assert_eq!(error.kind(), *kind, "{status} {name}");
            }
        }
    }
}
