//! Videos that do not arrive whole, and places that cannot be used.

use std::sync::Arc;

use bytes::Bytes;
use fal_core::{Delivery, Download, Output, ResponseBody, TransportError};
use fal_upload::MockUploader;
use serde_json::json;
use videogen_domain::{FailureKind, GenerationState, Recovery};

use crate::journals::{Recording, Trouble};
use crate::media::film;
use crate::stage::{Stage, VIDEO_URL};

/// Downloads that do not bring the whole video, and what each is.
fn not_whole() -> Vec<(&'static str, Download, FailureKind)> {
    let whole = film().len();
    let full = |length, bytes: &[u8]| Download::new(length, ResponseBody::full(bytes.to_vec()));
    let broken = futures::stream::iter([
        Ok(Bytes::from(film()[..5000].to_vec())),
        Err(TransportError::new(Delivery::Unknown, "the connection broke")),
    ]);
    vec![
        ("shorter than its length", full(Some(whole as u64), &film()[..whole - 1]), FailureKind::BadVideo),
        ("longer than its length", full(Some(whole as u64 - 1), &film()), FailureKind::BadVideo),
        ("cut in a box", full(Some(5000), &film()[..5000]), FailureKind::BadVideo),
        ("cut between boxes", full(Some(332), &film()[..332]), FailureKind::BadVideo),
        ("no bytes", full(Some(0), b""), FailureKind::BadVideo),
        ("a web page", full(None, b"<html>this link has expired</html>"), FailureKind::BadVideo),
        ("a picture", full(None, &crate::media::png(9, 9)), FailureKind::BadVideo),
        ("broken off", Download::new(None, ResponseBody::new(broken)), FailureKind::Interrupted),
    ]
}

#[tokio::test]
async fn what_is_not_the_whole_video_leaves_no_file_and_is_downloaded_again() {
    for (what, download, kind) in not_whole() {
        let (stage, journal) = (Stage::new(), Recording::default());
        // fal does not always name the size of the file.
        let output = json!({ "video": { "url": VIDEO_URL } });
        stage.script().result.push_back(Ok(Output::new(output, Some(5.into()))));
        stage.script().download.push_back(Ok(download));
        let planned = stage.planned().await;
        let held = stage.service().run(planned, &journal).await.unwrap_err();
        assert_eq!((held.failure.kind, held.failure.recovery), (kind, Recovery::Later), "{what}");
        assert_eq!(held.failure.request_id.as_deref(), Some("r-1"), "{what}");
        assert!(!format!("{held} {held:?}").contains("5igned"), "{held:?}");
        assert!(stage.files().is_empty(), "{what} left {:?}", stage.files());

        let generation = stage.service().run(held.generation, &journal).await.unwrap();
        assert_eq!((generation.state, stage.submits()), (GenerationState::Completed, 1), "{what}");
        assert_eq!((stage.read("out.mp4"), stage.script().downloads.len()), (film(), 2), "{what}");
    }
}

#[tokio::test]
async fn the_size_that_the_result_names_counts_where_the_download_names_none() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let output = json!({ "video": { "url": VIDEO_URL, "file_size": film().len() + 1 } });
    stage.script().result.push_back(Ok(Output::new(output, None)));
    stage.script().download.push_back(Ok(Download::new(None, ResponseBody::full(film()))));
    let planned = stage.planned().await;
    let held = stage.service().run(planned, &journal).await.unwrap_err();
    assert_eq!((held.failure.kind, stage.files().len()), (FailureKind::BadVideo, 0));
}

#[tokio::test]
async fn a_video_that_was_there_is_kept_beside_the_new_one() {
    let (stage, journal) = (Stage::new(), Recording::default());
    std::fs::write(stage.folder.path().join("out.mp4"), "an older video").unwrap();
    let planned = stage.planned().await;
    let generation = stage.service().run(planned, &journal).await.unwrap();
    assert_eq!(stage.files(), ["out-1.mp4", "out.mp4", "out.mp4.json"]);
    assert_eq!((stage.read("out-1.mp4"), stage.read("out.mp4")), (b"an older video".to_vec(), film()));
    let aside = stage.folder.path().join("out-1.mp4").display().to_string();
    assert_eq!(generation.stored.unwrap().replaced, Some(aside));
}

#[tokio::test]
async fn a_video_without_a_name_is_called_by_its_request() {
    let (stage, journal) = (Stage::new(), Recording::default());
    let adopted = stage.service().adopt("kling_2.1", "019e-abc").unwrap();
    stage.service().run(adopted, &journal).await.unwrap();
    assert_eq!(stage.files(), ["019e-abc.mp4", "019e-abc.mp4.json"]);
}

#[tokio::test]
async fn a_place_that_cannot_be_used_ends_it_before_anything_is_sent() {
    let stage = Stage::new();
    std::fs::write(stage.folder.path().join("file"), "").unwrap();
    let mut places = vec![stage.folder.path().join("missing"), stage.folder.path().join("file")];
    // A folder in which not even an administrator can write.
    places.extend(cfg!(target_os = "linux").then(|| "/proc".into()));
    for place in places {
        let (planned, journal) = (stage.planned().await, Recording::default());
        // Without expectations: an upload would fail the test.
        let service = stage.service_with(Arc::new(MockUploader::new()), place.clone());
        let failure = service.run(planned, &journal).await.unwrap().failure.unwrap();
        assert_eq!((failure.kind, failure.recovery), (FailureKind::Storage, Recovery::Never), "{place:?}");
        assert!(failure.message.contains(&place.display().to_string()), "{}", failure.message);
        assert_eq!((journal.names(), stage.submits()), (vec!["failed"], 0), "{place:?}");
    }
    assert_eq!(stage.files(), ["file"]);
}

#[tokio::test]
async fn a_folder_that_vanishes_after_the_submit_does_not_end_a_paid_video() {
    let (stage, journal) = (Stage::new(), Recording::with_trouble(4, Trouble::Refused));
    let planned = stage.planned().await;
    let paid = stage.service().run(planned, &journal).await.unwrap_err().generation;
    let elsewhere = stage.service_with(Arc::new(MockUploader::new()), stage.folder.path().join("gone"));
    let held = elsewhere.run(paid, &journal).await.unwrap_err();
    assert_eq!((held.failure.kind, held.generation.state), (FailureKind::Storage, GenerationState::Generated));
    assert_eq!(held.failure.request_id.as_deref(), Some("r-1"));
    std::fs::create_dir(stage.folder.path().join("gone")).unwrap();
    let generation = elsewhere.run(held.generation, &journal).await.unwrap();
    assert_eq!((generation.state, stage.submits()), (GenerationState::Completed, 1));
    assert_eq!(stage.read("gone/out.mp4"), film());
}
