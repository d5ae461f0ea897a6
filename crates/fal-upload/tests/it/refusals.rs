//! What fal's refusals become, and what is done about them.

use fal_core::ErrorKind;
use fal_upload::{Error, Progress, Uploader};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::fal::{Fal, TOKEN_PATH, UPLOAD_PATH, token};
use crate::pictures::{in_memory, png};

const LATER: &str = "2999-01-01T00:00:00Z";

fn kind(error: &Error, step: &str) -> ErrorKind {
    let Error::Fal { during, source } = error else { panic!("{error:?}") };
    assert_eq!(*during, step);
    source.kind()
}

#[tokio::test]
async fn a_refusal_says_in_which_step_and_why_and_is_repeated_only_where_that_may_help() {
    for (code, expected, times) in [
        (400, ErrorKind::Rejected, 1),
        (401, ErrorKind::Unauthorized, 1),
        (403, ErrorKind::Unauthorized, 1),
        (404, ErrorKind::NotFound, 1),
        (413, ErrorKind::Rejected, 1),
        (429, ErrorKind::RateLimited, 3),
        (500, ErrorKind::Interrupted, 1),
        (502, ErrorKind::Interrupted, 3),
        (503, ErrorKind::Interrupted, 3),
    ] {
        for (at, step) in [(TOKEN_PATH, "the request for an upload token"), (UPLOAD_PATH, "the upload")] {
            let fal = Fal::bare().await;
            fal.answer(at, ResponseTemplate::new(code).set_body_json(json!({ "detail": "no" }))).await;
            fal.answer(TOKEN_PATH, token(LATER)).await;
            let error = fal.uploader().upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap_err();
            assert_eq!(kind(&error, step), expected, "{at} {code}");
            assert_eq!(fal.requests(at).await.len(), times, "{at} {code}");
            assert_eq!(error.to_string(), format!("{step} failed"));
        }
    }
}

#[tokio::test]
async fn a_passing_fault_is_got_over() {
    let fal = Fal::bare().await;
    fal.answer_once(TOKEN_PATH, ResponseTemplate::new(503)).await;
    fal.answer(TOKEN_PATH, token(LATER)).await;
    fal.answer_once(UPLOAD_PATH, ResponseTemplate::new(502).set_body_raw("<html>nginx</html>", "text/html")).await;
    fal.take_files().await;
    let uploaded = fal.uploader().upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap();
    assert_eq!(uploaded.url, fal.file(1));
    assert_eq!((fal.requests(TOKEN_PATH).await.len(), fal.requests(UPLOAD_PATH).await.len()), (2, 2));
}

#[tokio::test]
async fn an_answer_that_is_not_in_the_protocol_is_an_error_and_is_not_remembered() {
    for (at, step) in [(TOKEN_PATH, "the request for an upload token"), (UPLOAD_PATH, "the upload")] {
        for body in ["<html>login</html>", "{}", "[]", ""] {
            let fal = Fal::bare().await;
            fal.answer_once(at, ResponseTemplate::new(200).set_body_string(body)).await;
            fal.answer(TOKEN_PATH, token(LATER)).await;
            fal.take_files().await;
            let uploader = fal.uploader();
            let error = uploader.upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap_err();
            let Error::Answer { during, .. } = &error else { panic!("{error:?}") };
            assert_eq!(*during, step);
            assert!(!uploader.upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap().cached);
        }
    }
}

#[tokio::test]
async fn a_token_that_the_cdn_refuses_is_not_used_again() {
    for code in [401, 403] {
        let fal = Fal::bare().await;
        fal.answer(TOKEN_PATH, token(LATER)).await;
        fal.answer_once(UPLOAD_PATH, ResponseTemplate::new(code)).await;
        fal.take_files().await;
        let uploader = fal.uploader();
        let error = uploader.upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap_err();
        assert_eq!(kind(&error, "the upload"), ErrorKind::Unauthorized);
        uploader.upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap();
        assert_eq!(fal.requests(TOKEN_PATH).await.len(), 2, "{code}");
    }
}

#[tokio::test]
async fn no_error_shows_the_key_or_the_token() {
    for at in [TOKEN_PATH, UPLOAD_PATH] {
        let fal = Fal::bare().await;
        fal.answer(at, ResponseTemplate::new(200).set_body_json(json!({ "token": 5, "was": "t0ken" }))).await;
        fal.answer(TOKEN_PATH, token(LATER)).await;
        let error = fal.uploader().upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("t0ken") && !shown.contains("s3cret"), "{shown}");
    }
}
