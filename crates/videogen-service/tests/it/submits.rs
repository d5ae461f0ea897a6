//! What a submit may bring instead of an acceptance.

use fal_core::Delivery;
use serde_json::json;
use videogen_domain::{FailureKind, GenerationState, Recovery};

use crate::answers::{Sent, refused_field, status_error, submit_error};
use crate::journals::Recording;
use crate::stage::Stage;

#[tokio::test]
async fn a_refusal_is_the_end_and_nothing_more_is_sent() {
    for (sent, kind) in [
        (Sent::Answer(422, refused_field("image_too_small")), FailureKind::Rejected),
        (Sent::Answer(422, refused_field("content_policy_violation")), FailureKind::ContentPolicy),
        (Sent::Answer(401, json!({ "detail": "No key" })), FailureKind::Unauthorized),
        (Sent::Answer(403, json!({ "detail": "Exhausted balance." })), FailureKind::ExhaustedBalance),
        (Sent::Answer(404, json!({ "detail": "No app" })), FailureKind::NotFound),
        (Sent::Answer(429, json!({ "detail": "queue full" })), FailureKind::RateLimited),
        (Sent::Nothing(Delivery::NotSent), FailureKind::Unreachable),
    ] {
        let (stage, journal) = (Stage::new(), Recording::default());
        let error = submit_error(&sent).await;
        stage.script().submit.push_back(Err(error));
        let planned = stage.planned().await;
        let ended = stage.service().run(planned.clone(), &journal).await.unwrap();
        assert_eq!(ended.state, GenerationState::Failed, "{sent:?}");
        let failure = ended.failure.as_ref().unwrap();
        assert_eq!(failure.kind, kind, "{sent:?}");
        assert!(!failure.message.is_empty() && !failure.advice.is_empty());
        assert_eq!(journal.names(), ["images_uploaded", "submit_intended", "failed"]);
        assert_eq!(journal.restored(&planned), ended);

        assert_eq!(stage.service().run(ended.clone(), &journal).await.unwrap(), ended);
        assert_eq!((stage.submits(), stage.script().looks, stage.files().len()), (1, 0, 0), "{sent:?}");
    }
}

#[tokio::test]
async fn the_field_that_fal_refused_is_named() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let error = submit_error(&Sent::Answer(422, refused_field("image_too_small"))).await;
    stage.script().submit.push_back(Err(error));
    let planned = stage.planned().await;
    let failure = stage.service().run(planned, &journal).await.unwrap().failure.unwrap();
    assert_eq!((failure.field.as_deref(), failure.recovery), (Some("image_url"), Recovery::Never));
    assert_eq!(failure.request_id.as_deref(), Some("r-1"));
    assert_eq!(failure.message, "fal answered 422 (image_too_small): image_url: No good.");
}

#[tokio::test]
async fn a_lost_answer_is_held_for_somebody_to_look_and_never_sent_again() {
    for sent in [
        Sent::Nothing(Delivery::Unknown),
        Sent::Stranger(502, "<html>nginx</html>"),
        Sent::Answer(503, json!({ "detail": "runner" })),
        Sent::Stranger(302, ""),
        Sent::Stranger(200, "<html>login</html>"),
    ] {
        let (stage, journal) = (Stage::new(), Recording::default());
        let error = submit_error(&sent).await;
        stage.script().submit.push_back(Err(error));
        let planned = stage.planned().await;
        let mut held = stage.service().run(planned.clone(), &journal).await.unwrap_err();
        for _ in 0..2 {
            assert_eq!(held.generation.state, GenerationState::Unconfirmed, "{sent:?}");
            assert_eq!((held.failure.kind, held.failure.recovery), (FailureKind::Unconfirmed, Recovery::Reconcile));
            assert_eq!(held.generation, journal.restored(&planned));
            held = stage.service().run(held.generation, &journal).await.unwrap_err();
        }
        assert_eq!(journal.names(), ["images_uploaded", "submit_intended", "submit_unconfirmed"], "{sent:?}");
        assert_eq!((stage.submits(), stage.script().looks), (1, 0), "{sent:?}");
    }
}

#[tokio::test]
async fn the_request_that_an_unclear_answer_names_is_kept_for_whoever_looks() {
    for (sent, named) in
        [(Sent::Answer(503, json!({ "detail": "runner" })), Some("r-1")), (Sent::Stranger(503, ""), None)]
    {
        let (stage, journal) = (Stage::new(), Recording::default());
        let error = submit_error(&sent).await;
        stage.script().submit.push_back(Err(error));
        let planned = stage.planned().await;
        let held = stage.service().run(planned.clone(), &journal).await.unwrap_err();
        assert_eq!(held.failure.request_id.as_deref(), named, "{sent:?}");
        assert_eq!(journal.restored(&planned).suspected_request_id.as_deref(), named, "it outlives the process");
    }
}

#[tokio::test]
async fn who_waited_for_the_upload_of_another_is_told_its_cause() {
    for (status, kind, recovery) in [
        (401, FailureKind::Unauthorized, Recovery::Never),
        (422, FailureKind::Rejected, Recovery::Never),
        (503, FailureKind::Interrupted, Recovery::Later),
    ] {
        let stage = Stage::new();
        let source = status_error(&Sent::Answer(status, json!({ "detail": "no" }))).await;
        let cause = fal_upload::Error::Fal { during: "the upload", source: Box::new(source) };
        stage.script().upload.push_back(fal_upload::Error::Shared(std::sync::Arc::new(cause)));
        let ended = stage.service().run(stage.planned().await, &Recording::default()).await;
        let failure = match ended {
            Ok(generation) => generation.failure.unwrap(),
            Err(held) => held.failure,
        };
        assert_eq!((failure.kind, failure.recovery), (kind, recovery), "{status}: {failure}");
        assert_eq!(stage.submits(), 0);
    }
}
