//! Plans: every mistake at once, and nothing sent. The mocks expect nothing, so a call would fail the test.

use std::sync::Arc;

use fal_core::MockFalApi;
use fal_upload::MockUploader;
use videogen_domain::{FailureKind, Fit, GenerationRequest, ImageInput, ModelRegistry, ViolationCode};
use videogen_service::{FolderAssetStore, GenerationService, ServiceConfig};

use crate::media::png;
use crate::stage::PROMPT;

fn service() -> GenerationService {
    GenerationService::new(
        Arc::new(MockFalApi::new()),
        Arc::new(MockUploader::new()),
        Arc::new(FolderAssetStore::new("nowhere")),
        ModelRegistry::builtin(),
        ServiceConfig::default(),
    )
}

#[tokio::test]
async fn every_mistake_is_told_at_once() {
    let request = GenerationRequest::new(ImageInput::Path("no/such/picture.png".into()), "zoom")
        .with_duration_seconds(7)
        .with_aspect_ratio("17:3", Fit::Crop)
        .with_parameter("motion_strength", 1)
        .with_max_cost("0.01".parse().unwrap());
    let violations = service().plan(&request).await.unwrap_err();
    let told: Vec<_> = violations.iter().map(|violation| (violation.field.as_str(), violation.code)).collect();
    // What cannot be made has no price to compare with the limit.
    assert_eq!(
        told,
        [
            ("image", ViolationCode::UnusableImage),
            ("motion_prompt", ViolationCode::TooShort),
            ("duration", ViolationCode::NotAllowed),
            ("parameters.motion_strength", ViolationCode::UnknownParameter),
            ("aspect_ratio", ViolationCode::NotAllowed),
        ]
    );
    assert!(violations.to_string().contains("there is no file no/such/picture.png"), "{violations}");
}

#[tokio::test]
async fn a_picture_that_cannot_be_used_is_a_mistake_whatever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let saved = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        ImageInput::Path(folder.path().join(name))
    };
    for image in [
        saved("empty.png", b""),
        saved("text.png", b"this is text, not a picture"),
        saved("cut.png", &png(64, 36)[..20]),
        ImageInput::Path(folder.path().to_owned()),
        ImageInput::Bytes { name: "nothing".to_owned(), bytes: bytes::Bytes::new() },
    ] {
        let violations = service().plan(&GenerationRequest::new(image.clone(), PROMPT)).await.unwrap_err();
        let told: Vec<_> = violations.iter().map(|violation| (violation.field.as_str(), violation.code)).collect();
        assert_eq!(told, [("image", ViolationCode::UnusableImage)], "{image:?}");
    }
}

#[tokio::test]
async fn a_plan_names_the_price_and_reads_an_address_not_at_all() {
    let image = ImageInput::Url("https://203.0.113.1/still.png".to_owned());
    let request = GenerationRequest::new(image, PROMPT).with_duration_seconds(10);
    let plan = service().plan(&request).await.unwrap();
    assert_eq!((plan.estimate.to_string().as_str(), plan.duration_seconds), ("$0.56", Some(10)));
}

#[tokio::test]
async fn a_request_of_a_model_that_nobody_knows_cannot_be_picked_up() {
    let failure = service().adopt("kling_2.2", "r-1").unwrap_err();
    assert_eq!((failure.kind, failure.field.as_deref()), (FailureKind::InvalidRequest, Some("model")));
    assert!(failure.advice.contains("kling_2.1"), "{}", failure.advice);
}
