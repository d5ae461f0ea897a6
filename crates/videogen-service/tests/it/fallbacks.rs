//! Another model is asked only with proof that the one before made no video and billed nothing.

use serde_json::json;
use videogen_domain::{FailureKind, GenerationRequest, GenerationState, ImageInput};

use crate::answers::{Sent, failed, refused_field, result_error, submit_error};
use crate::journals::{Recording, Trouble};
use crate::media::{film, png};
use crate::stage::{PROMPT, Stage};

fn asked() -> GenerationRequest {
    let image = ImageInput::Bytes { name: "lighthouse.png".to_owned(), bytes: png(64, 36).into() };
    GenerationRequest::new(image, PROMPT).with_fallback_model("hailuo_2.3").with_file_name("out.mp4")
}

fn refusals() -> Vec<Sent> {
    vec![
        Sent::Answer(404, json!({ "detail": "Application not found" })),
        Sent::Answer(422, refused_field("image_too_small")),
        Sent::Answer(429, json!({ "detail": "slow down" })),
    ]
}

#[tokio::test]
async fn the_next_model_is_asked_after_a_refusal_and_is_the_only_one_that_is_paid() {
    for refusal in refusals() {
        let (stage, journal) = (Stage::new(), Recording::default());
        let error = submit_error(&refusal).await;
        stage.script().submit.push_back(Err(error));
        let planned = stage.planned_as(asked()).await;
        let generation = stage.service().run(planned.clone(), &journal).await.unwrap();
        assert_eq!((generation.state, generation.model_id.as_str()), (GenerationState::Completed, "hailuo_2.3"));
        assert_eq!((generation.setbacks.len(), generation.estimate().to_string()), (1, "$0.28".to_owned()));
        let endpoints: Vec<String> = stage.script().submitted.iter().map(|(endpoint, _)| endpoint.clone()).collect();
        assert_eq!(endpoints.len(), 2, "{refusal:?}");
        assert_eq!(endpoints[1], "fal-ai/minimax/hailuo-2.3/standard/image-to-video");
        assert_eq!(journal.names()[2..5], ["fell_back", "images_uploaded", "submit_intended"]);
        assert_eq!(journal.restored(&planned), generation, "the events tell everything");
    }
}

#[tokio::test]
async fn the_next_model_is_asked_when_the_one_before_has_failed_without_a_video() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let error = result_error(&Sent::Answer(500, refused_field("internal_server_error"))).await;
    let status = failed().await;
    stage.script().status.push_back(Ok(status));
    stage.script().result.push_back(Err(error));
    let generation = stage.service().run(stage.planned_as(asked()).await, &journal).await.unwrap();
    assert_eq!((generation.state, generation.request_id()), (GenerationState::Completed, Some("r-2")));
    assert_eq!(stage.read("out.mp4"), film());
}

#[tokio::test]
async fn without_proof_or_where_no_model_helps_nobody_else_is_asked() {
    let lost = Sent::Nothing(fal_core::Delivery::Unknown);
    for (sent, kind) in [
        (lost, FailureKind::Unconfirmed),
        (Sent::Answer(401, json!({ "detail": "no" })), FailureKind::Unauthorized),
        (Sent::Answer(422, refused_field("content_policy_violation")), FailureKind::ContentPolicy),
    ] {
        let (stage, journal) = (Stage::new(), Recording::default());
        let error = submit_error(&sent).await;
        stage.script().submit.push_back(Err(error));
        let ended = stage.service().run(stage.planned_as(asked()).await, &journal).await;
        let failure = ended.map(|generation| generation.failure.unwrap()).unwrap_or_else(|held| held.failure);
        assert_eq!((failure.kind, stage.submits()), (kind, 1), "{sent:?}");
    }
}

#[tokio::test]
async fn a_refusal_that_the_status_knows_nothing_of_asks_nobody_else() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let error = result_error(&Sent::Answer(422, refused_field("image_too_small"))).await;
    stage.script().result.push_back(Err(error));
    let generation = stage.service().run(stage.planned_as(asked()).await, &journal).await.unwrap();
    assert_eq!((generation.state, stage.submits()), (GenerationState::Failed, 1));
}

#[tokio::test]
async fn when_the_last_model_has_failed_too_the_failure_is_its_own() {
    let (stage, journal) = (Stage::new(), Recording::default());
    for _ in 0..2 {
        let (error, status) =
            (result_error(&Sent::Answer(422, refused_field("image_too_small"))).await, failed().await);
        stage.script().status.push_back(Ok(status));
        stage.script().result.push_back(Err(error));
    }
    let generation = stage.service().run(stage.planned_as(asked()).await, &journal).await.unwrap();
    assert_eq!((generation.state, generation.setbacks.len()), (GenerationState::Failed, 1));
    assert_eq!(generation.failure.unwrap().request_id.as_deref(), Some("r-2"));
}

#[tokio::test]
async fn whenever_the_process_dies_each_model_is_asked_once() {
    for trouble in [Trouble::DiesBefore, Trouble::DiesAfter] {
        for n in 1..=8 {
            let (stage, journal) = (Stage::new(), Recording::with_trouble(n, trouble));
            let error = submit_error(&refusals()[1]).await;
            stage.script().submit.push_back(Err(error));
            let planned = stage.planned_as(asked()).await;
            let service = stage.service();
            tokio::select! {
                ended = service.run(planned.clone(), &journal) => panic!("it should have died: {ended:?}"),
                () = journal.died.notified() => {}
            }
            let ended = stage.service().run(journal.restored(&planned), &journal).await;
            let generation = ended.unwrap_or_else(|held| held.generation);
            let (completed, submits) = (generation.state == GenerationState::Completed, stage.submits());
            assert!(completed && submits == 2 || generation.state == GenerationState::Unconfirmed, "{trouble:?} {n}");
            assert!(submits <= 2, "{trouble:?} {n}: {submits} submits");
        }
    }
}
