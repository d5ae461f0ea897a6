//! Finished videos: listed, read, deleted.

use std::sync::Arc;

use futures::TryStreamExt;
use videogen_domain::{Budget, FailureKind, Project, ProjectId, UnixMillis};
use videogen_service::{
    AssetStore, Books, FolderAssetStore, GenerationService, Library, NoJournal, ProjectStore, SqliteBooks,
};

use crate::media::film;
use crate::stage::Stage;

async fn made(stage: &Stage, books: &Arc<SqliteBooks>) -> (Library, Arc<dyn AssetStore>) {
    let film = Project::new("film".into(), "The lighthouse", UnixMillis(0)).unwrap();
    books.create_project(&film).await.unwrap();
    let books: Arc<dyn Books> = Arc::clone(books) as _;
    let service: GenerationService = stage.service().with_books(Arc::clone(&books), Budget::default());
    let plan = service.plan(&stage.request().with_project("film")).await.unwrap();
    service.run(videogen_domain::Generation::new(plan), &NoJournal).await.unwrap();
    let assets: Arc<dyn AssetStore> = Arc::new(FolderAssetStore::new(stage.folder.path()));
    (Library::new(Arc::clone(&assets)).with_books(books), assets)
}

#[tokio::test]
async fn a_finished_video_is_listed_with_what_it_was_made_of_and_read() {
    let stage = Stage::new();
    for (name, text) in [("notes.txt", ""), ("notes.txt.json", "{}"), ("other.mp4", "film")] {
        std::fs::write(stage.folder.path().join(name), text).unwrap();
    }
    let (library, _) = made(&stage, &Arc::new(SqliteBooks::in_memory())).await;
    let videos = library.videos().await.unwrap();
    let [video] = &videos[..] else { panic!("{videos:?}: only what has a sidecar of ours is ours") };
    assert_eq!((video.file.name.as_str(), video.file.bytes), ("out.mp4", film().len() as u64));
    let sidecar = &video.sidecar;
    assert_eq!(sidecar.project_id, Some(ProjectId::from("film")));
    assert_eq!((sidecar.request_id.as_deref(), sidecar.billed_usd), (Some("r-1"), Some("0.28".parse().unwrap())));
    assert!(!format!("{video:?}").contains("lighthouse"), "prompts stay out of logs: {video:?}");

    let pieces: Vec<_> = library.open("out.mp4").await.unwrap().body.try_collect().await.unwrap();
    assert_eq!(pieces.concat(), film());
    let failure = library.open("otu.mp4").await.unwrap_err();
    assert_eq!((failure.kind, failure.advice.as_str()), (FailureKind::InvalidRequest, "Did you mean out.mp4?"));
}

#[tokio::test]
async fn a_deleted_video_takes_up_nothing_and_has_cost_what_it_cost() {
    let (stage, books) = (Stage::new(), Arc::new(SqliteBooks::in_memory()));
    let (library, _) = made(&stage, &books).await;
    library.delete("out.mp4").await.unwrap();
    assert_eq!(stage.files(), [""; 0]);
    let totals = books.project_totals(&"film".into()).await.unwrap().unwrap();
    assert_eq!((totals.videos, totals.bytes, totals.known_cost), (1, 0, "0.28".parse().unwrap()));
    let failure = library.delete("out.mp4").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidRequest, "{failure}");
}

#[tokio::test]
async fn a_deletion_that_was_cut_off_is_finished_when_it_is_asked_for_again() {
    let (stage, books) = (Stage::new(), Arc::new(SqliteBooks::in_memory()));
    let (library, assets) = made(&stage, &books).await;
    assets.delete("out.mp4").await.unwrap();
    assert_eq!(library.videos().await.unwrap(), [], "it is not listed any more");
    library.delete("out.mp4").await.unwrap();
    assert_eq!(stage.files(), [""; 0]);
    assert!(books.assets(&"film".into()).await.unwrap()[0].deleted_at.is_some());
}

#[tokio::test]
async fn what_has_no_sidecar_of_ours_is_not_deleted() {
    let (stage, books) = (Stage::new(), Arc::new(SqliteBooks::in_memory()));
    let (library, _) = made(&stage, &books).await;
    for (name, text) in [("package", ""), ("package.json", "{\"name\":\"mine\"}"), ("other.mp4", "film")] {
        std::fs::write(stage.folder.path().join(name), text).unwrap();
    }
    for name in ["package", "package.json", "other.mp4", "../out.mp4"] {
        assert!(library.delete(name).await.is_err(), "{name}");
    }
    assert_eq!(stage.files(), ["other.mp4", "out.mp4", "out.mp4.json", "package", "package.json"]);
}
