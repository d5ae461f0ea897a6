//! What may go wrong once the video is paid for: only what fal itself says of the request ends it.

use fal_core::{Delivery, Error};
use serde_json::json;
use videogen_domain::{FailureKind, Generation, GenerationState, Observation};
use videogen_service::Held;

use crate::answers::{Sent, download_error, failed, refused_field, result_error, status, status_error};
use crate::journals::Recording;
use crate::media::film;
use crate::stage::Stage;

const LOGIN: &str = "<html>please log in</html>";

/// Faults that say nothing of the request.
fn passing() -> Vec<Sent> {
    vec![
        Sent::Nothing(Delivery::NotSent),
        Sent::Nothing(Delivery::Unknown),
        Sent::Stranger(500, "<html>oops</html>"),
        Sent::Stranger(502, "<html>nginx</html>"),
        Sent::Stranger(407, LOGIN),
        Sent::Stranger(302, ""),
        Sent::Answer(401, json!({ "detail": "The key was withdrawn" })),
        Sent::Answer(403, json!({ "detail": "Exhausted balance." })),
        Sent::Answer(429, json!({ "detail": "slow down" })),
    ]
}

async fn run(stage: &Stage, journal: &Recording) -> Result<Generation, Box<Held>> {
    let planned = stage.planned().await;
    stage.service().run(planned, journal).await
}

/// The generation stands still in `state` with its request id, and goes on to the end with one submit in all.
async fn held_then_completed(stage: &Stage, state: GenerationState, what: &str) {
    let journal = Recording::default();
    let held = match run(stage, &journal).await {
        Err(held) => held,
        Ok(ended) => panic!("{what} ended it: {:?}", ended.failure),
    };
    assert_eq!((held.generation.state, held.generation.request_id()), (state, Some("r-1")), "{what}");
    assert_eq!(held.failure.request_id.as_deref(), Some("r-1"), "{what}: {:?}", held.failure);
    assert!(!held.failure.advice.is_empty());
    assert!(stage.files().is_empty(), "{what}");

    let generation = stage.service().run(held.generation, &journal).await.unwrap();
    assert_eq!((generation.state, stage.submits()), (GenerationState::Completed, 1), "{what}");
    assert_eq!(stage.read("out.mp4"), film(), "{what}");
}

#[tokio::test]
async fn a_status_that_cannot_be_read_is_looked_for_later() {
    let unreadable = [Sent::Stranger(200, LOGIN), Sent::Answer(200, json!({ "status": "PONDERING" }))];
    for sent in passing().into_iter().chain(unreadable) {
        let stage = Stage::new();
        let error = status_error(&sent).await;
        stage.script().status.push_back(Err(error));
        held_then_completed(&stage, GenerationState::Submitted, &format!("status {sent:?}")).await;
    }
}

#[tokio::test]
async fn a_5xx_in_place_of_a_result_ends_nothing_that_the_status_has_not_ended() {
    for sent in [
        Sent::Answer(503, json!({ "detail": "No runner is available", "error_type": "runner_scheduling_failure" })),
        Sent::Answer(500, refused_field("internal_server_error")),
    ] {
        let stage = Stage::new();
        let error = result_error(&sent).await;
        stage.script().result.push_back(Err(error));
        held_then_completed(&stage, GenerationState::Submitted, &format!("result {sent:?}")).await;
    }
}

#[tokio::test]
async fn a_result_that_cannot_be_read_is_fetched_later() {
    let early = Sent::Answer(400, json!({ "detail": "Request is still in progress" }));
    for sent in passing().into_iter().chain([early, Sent::Stranger(200, LOGIN)]) {
        let stage = Stage::new();
        let error = result_error(&sent).await;
        stage.script().result.push_back(Err(error));
        held_then_completed(&stage, GenerationState::Submitted, &format!("result {sent:?}")).await;
    }
}

#[tokio::test]
async fn a_video_that_cannot_be_downloaded_is_downloaded_later() {
    for sent in passing() {
        let stage = Stage::new();
        let error = download_error(&sent).await;
        stage.script().download.push_back(Err(error));
        held_then_completed(&stage, GenerationState::Generated, &format!("download {sent:?}")).await;
    }
}

#[tokio::test]
async fn an_address_that_is_not_trusted_today_may_be_tomorrow() {
    let stage = Stage::new();
    stage.script().status.push_back(Err(Error::UntrustedUrl));
    held_then_completed(&stage, GenerationState::Submitted, "status").await;
    let stage = Stage::new();
    stage.script().download.push_back(Err(Error::UntrustedUrl));
    held_then_completed(&stage, GenerationState::Generated, "download").await;
}

#[tokio::test]
async fn what_fal_says_of_the_request_ends_it() {
    use GenerationState::{Cancelled, Failed};
    for (sent, state, kind) in [
        (Sent::Answer(404, json!({ "status": "NOT_FOUND" })), Failed, FailureKind::NotFound),
        (Sent::Answer(422, refused_field("image_too_small")), Failed, FailureKind::Rejected),
        (Sent::Answer(422, refused_field("content_policy_violation")), Failed, FailureKind::ContentPolicy),
        (Sent::Answer(500, refused_field("internal_server_error")), Failed, FailureKind::GenerationFailed),
        (
            Sent::Answer(504, json!({ "detail": "x", "error_type": "request_timeout" })),
            Failed,
            FailureKind::GenerationFailed,
        ),
        (
            Sent::Answer(499, json!({ "detail": "x", "error_type": "client_cancelled" })),
            Cancelled,
            FailureKind::Stopped,
        ),
    ] {
        let (stage, journal) = (Stage::new(), Recording::default());
        let (error, status) = (result_error(&sent).await, failed().await);
        stage.script().status.push_back(Ok(status));
        stage.script().result.push_back(Err(error));
        let ended = run(&stage, &journal).await.unwrap();
        let failure = ended.failure.as_ref().unwrap();
        assert_eq!((ended.state, failure.kind), (state, kind), "{sent:?}");
        assert_eq!(failure.request_id.as_deref(), Some("r-1"), "{sent:?}");
        assert_eq!(journal.names().last(), Some(&state.name()), "{sent:?}");
        assert_eq!((stage.submits(), stage.script().downloads.len(), stage.files().len()), (1, 0, 0), "{sent:?}");
        assert!(stage.script().forgotten.is_empty(), "{sent:?}");
    }
}

#[tokio::test]
async fn a_request_that_fal_does_not_know_is_the_end() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let error = status_error(&Sent::Answer(404, json!({ "status": "NOT_FOUND" }))).await;
    stage.script().status.push_back(Err(error));
    let failure = run(&stage, &journal).await.unwrap().failure.unwrap();
    assert_eq!((failure.kind, failure.request_id.as_deref()), (FailureKind::NotFound, Some("r-1")));
}

#[tokio::test]
async fn a_result_without_a_video_is_the_end() {
    for payload in [json!({}), json!([]), json!({ "video": null }), json!({ "video": { "url": 5 } }), json!("video")] {
        let (stage, journal) = (Stage::new(), Recording::default());
        stage.script().result.push_back(Ok(fal_core::Output::new(payload.clone(), None)));
        let failure = run(&stage, &journal).await.unwrap().failure.unwrap();
        assert_eq!(
            (failure.kind, failure.request_id.as_deref()),
            (FailureKind::UnexpectedAnswer, Some("r-1")),
            "{payload}"
        );
    }
}

#[tokio::test]
async fn an_upload_that_fal_could_not_read_is_forgotten() {
    let by_type = json!({ "detail": "x", "error_type": "file_download_error" });
    for body in [refused_field("file_download_error"), by_type] {
        let (stage, journal) = (Stage::new(), Recording::default());
        let error = result_error(&Sent::Answer(422, body)).await;
        stage.script().result.push_back(Err(error));
        let ended = run(&stage, &journal).await.unwrap();
        assert_eq!((ended.state, stage.submits()), (GenerationState::Failed, 1));
        let script = stage.script();
        assert_eq!((script.forgotten.len(), &script.forgotten), (1, &script.uploaded));
    }
}

#[tokio::test]
async fn whoever_goes_on_hears_the_log_from_its_beginning_and_keeps_each_line_once() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let running = |lines: &[&str]| {
        let logs: Vec<_> = lines.iter().map(|line| json!({ "message": line })).collect();
        status(json!({ "status": "IN_PROGRESS", "logs": logs }))
    };
    let (first, error) = (running(&["10%", "20%"]).await, status_error(&passing()[0]).await);
    stage.script().status.extend([Ok(first), Err(error)]);
    let held = run(&stage, &journal).await.unwrap_err();

    let (again, more) = (running(&["10%", "20%", "90%"]).await, running(&["100%"]).await);
    stage.script().status.extend([Ok(again), Ok(more)]);
    let generation = stage.service().run(held.generation, &journal).await.unwrap();
    let logged: Vec<_> = generation.logs.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(logged, ["10%", "20%", "90%", "100%"]);
}

#[tokio::test]
async fn a_request_that_goes_back_into_the_queue_is_still_the_same_request() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let line = |text: &str| json!({ "message": text });
    for body in [
        json!({ "status": "IN_PROGRESS", "logs": [line("10%"), line("20%")] }),
        json!({ "status": "IN_QUEUE", "queue_position": 3 }),
        json!({ "status": "IN_PROGRESS", "logs": null }),
        json!({ "status": "IN_PROGRESS", "logs": [line("90%")] }),
    ] {
        let status = status(body).await;
        stage.script().status.push_back(Ok(status));
    }
    let generation = run(&stage, &journal).await.unwrap();
    assert_eq!((generation.state, stage.submits()), (GenerationState::Completed, 1));
    let logged: Vec<_> = generation.logs.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(
        (logged, generation.observation),
        (vec!["10%", "20%", "90%"], Some(Observation::Done { failed: false }))
    );
}
