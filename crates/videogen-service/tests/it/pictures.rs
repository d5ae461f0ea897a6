//! What is done to the picture before it is uploaded.

use std::sync::Arc;

use fal_core::Delivery;
use fal_upload::{ContentHash, MockUploader, Source};
use videogen_domain::{FailureKind, Fit, GenerationRequest, GenerationState, ImageInput};

use crate::answers::{Sent, status_error};
use crate::journals::Recording;
use crate::media::png;
use crate::stage::{PROMPT, Stage, bytes_of};

fn in_memory(width: u32, height: u32) -> ImageInput {
    ImageInput::Bytes { name: "still.png".to_owned(), bytes: png(width, height).into() }
}

#[tokio::test]
async fn an_address_is_passed_on_as_it_is_and_nothing_is_uploaded() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let address = "https://example.com/still.png?signature=a%2Fb";
    let planned = stage.planned_as(GenerationRequest::new(ImageInput::Url(address.to_owned()), PROMPT)).await;
    let service = stage.service_with(Arc::new(MockUploader::new()), stage.folder.path().to_owned());
    let generation = service.run(planned, &journal).await.unwrap();
    assert_eq!(stage.script().submitted[0].1["image_url"], address);
    let image = generation.image.unwrap();
    assert_eq!((image.content_hash, image.cached), (None, false));
    assert!(!format!("{:?}", journal.events()).contains("signature"));
}

#[tokio::test]
async fn an_aspect_ratio_reshapes_what_is_uploaded() {
    for (ratio, fit, size) in [
        ("16:9", Fit::Crop, (1024, 576)),
        ("9:16", Fit::Crop, (432, 768)),
        ("1:1", Fit::Crop, (768, 768)),
        ("16:9", Fit::Pad, (1365, 768)),
        ("1:1", Fit::Pad, (1024, 1024)),
    ] {
        let (stage, journal) = (Stage::new(), Recording::default());
        let request = GenerationRequest::new(in_memory(1024, 768), PROMPT).with_aspect_ratio(ratio, fit);
        let planned = stage.planned_as(request).await;
        let generation = stage.service().run(planned, &journal).await.unwrap();
        let uploaded = bytes_of(&stage.script().uploaded[0]);
        let picture = image::load_from_memory(&uploaded).unwrap();
        assert_eq!((picture.width(), picture.height()), size, "{ratio} {fit:?}");
        let hash = ContentHash::of(&uploaded).to_string();
        assert_eq!(generation.image.unwrap().content_hash, Some(hash), "of what was uploaded");
    }
}

#[tokio::test]
async fn a_picture_that_fits_is_uploaded_as_it_is() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let request = GenerationRequest::new(in_memory(64, 36), PROMPT).with_aspect_ratio("16:9", Fit::Crop);
    let planned = stage.planned_as(request).await;
    stage.service().run(planned, &journal).await.unwrap();
    let expected = Source::Bytes { name: "still.png".to_owned(), bytes: png(64, 36).into() };
    assert_eq!(stage.script().uploaded, [expected]);
}

#[tokio::test]
async fn a_reshaped_upload_that_is_dead_is_forgotten_by_what_was_uploaded() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let request = GenerationRequest::new(in_memory(100, 100), PROMPT).with_aspect_ratio("16:9", Fit::Crop);
    let dead = Sent::Answer(422, crate::answers::refused_field("file_download_error"));
    let error = crate::answers::result_error(&dead).await;
    stage.script().result.push_back(Err(error));
    let planned = stage.planned_as(request).await;
    stage.service().run(planned, &journal).await.unwrap();
    let script = stage.script();
    assert_eq!((script.forgotten.len(), &script.forgotten), (1, &script.uploaded));
}

#[tokio::test]
async fn a_cached_upload_that_is_dead_is_uploaded_anew_and_the_request_made_once_more() {
    let dead = Sent::Answer(422, crate::answers::refused_field("file_download_error"));
    for deaths in 1..=2 {
        let (stage, journal) = (Stage::new(), Recording::default());
        stage.script().is_cached = true;
        for _ in 0..deaths {
            let error = crate::answers::result_error(&dead).await;
            stage.script().result.push_back(Err(error));
        }
        let planned = stage.planned_as(GenerationRequest::new(in_memory(64, 36), PROMPT)).await;
        let ended = stage.service().run(planned, &journal).await.unwrap();
        // What was uploaded just now and cannot be read either is not uploaded a third time.
        let expected = if deaths == 1 { GenerationState::Completed } else { GenerationState::Failed };
        assert_eq!(ended.state, expected, "{:?}", ended.failure);
        let script = stage.script();
        assert_eq!((script.uploaded.len(), script.submitted.len(), script.forgotten.len()), (2, 2, deaths));
    }
}

#[tokio::test]
async fn a_picture_that_is_gone_when_its_turn_comes_ends_it_before_the_submit() {
    for fit in [Some(Fit::Crop), None] {
        let (stage, journal) = (Stage::new(), Recording::default());
        let file = stage.folder.path().join("still.png");
        std::fs::write(&file, png(100, 100)).unwrap();
        let request = GenerationRequest::new(ImageInput::Path(file.clone()), PROMPT);
        let request = fit.iter().fold(request, |request, fit| request.with_aspect_ratio("16:9", *fit));
        let planned = stage.planned_as(request).await;
        std::fs::remove_file(&file).unwrap();
        if fit.is_none() {
            let missing = fal_upload::inspect(&Source::Path(file)).await.unwrap_err();
            stage.script().upload.push_back(missing);
        }
        let failure = stage.service().run(planned, &journal).await.unwrap().failure.unwrap();
        assert_eq!((failure.kind, failure.field.as_deref()), (FailureKind::InvalidRequest, Some("image")), "{fit:?}");
        assert_eq!((journal.names(), stage.submits()), (vec!["failed"], 0), "{fit:?}");
    }
}

#[tokio::test]
async fn an_upload_that_fails_stands_still_or_ends_it_and_nothing_is_paid() {
    for (sent, ends) in [
        (Sent::Nothing(Delivery::Unknown), None),
        (Sent::Stranger(502, "<html>nginx</html>"), None),
        (Sent::Answer(401, serde_json::json!({ "detail": "no" })), Some(FailureKind::Unauthorized)),
    ] {
        let (stage, journal) = (Stage::new(), Recording::default());
        let source = status_error(&sent).await;
        stage.script().upload.push_back(fal_upload::Error::Fal { during: "the upload", source: Box::new(source) });
        let planned = stage.planned().await;
        match (stage.service().run(planned, &journal).await, ends) {
            (Ok(ended), Some(kind)) => {
                let failure = ended.failure.unwrap();
                assert_eq!((failure.kind, stage.submits()), (kind, 0));
                assert!(failure.message.starts_with("the upload failed: "), "{}", failure.message);
            }
            (Err(held), None) => {
                assert_eq!(
                    (held.failure.kind, held.generation.state),
                    (FailureKind::Interrupted, GenerationState::Planned)
                );
                assert_eq!((journal.names().len(), stage.submits()), (0, 0));
                let generation = stage.service().run(held.generation, &journal).await.unwrap();
                assert_eq!((generation.state, stage.submits()), (GenerationState::Completed, 1));
            }
            (ended, _) => panic!("{sent:?}: {ended:?}"),
        }
    }
}
