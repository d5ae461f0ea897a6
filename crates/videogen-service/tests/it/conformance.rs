//! What every asset store keeps to, whatever is behind it.

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use videogen_domain::{Failure, FailureKind, Recovery};
use videogen_service::{AssetError, AssetStore, FolderAssetStore, ObjectAssetStore, VideoBody};

fn body(pieces: &[&[u8]]) -> VideoBody<'static> {
    let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    VideoBody::new(futures::stream::iter(pieces))
}

/// Longer than several parts, and different from place to place.
fn long() -> Vec<u8> {
    (0..5_000_000u32).flat_map(u32::to_le_bytes).collect()
}

async fn keeps_to_the_contract(store: Arc<dyn AssetStore>) {
    store.check(Some("a.mp4")).await.unwrap();
    store.check(None).await.unwrap();
    for name in ["", "../a.mp4", "sub/a.mp4", "."] {
        assert!(store.check(Some(name)).await.is_err(), "{name}");
        assert!(store.put(name, body(&[b"x"])).await.is_err(), "{name}");
    }

    let first = store.put("a.mp4", body(&[b"fi", b"rst"])).await.unwrap();
    assert_eq!((first.bytes, &first.replaced), (5, &None));
    store.put_sidecar("a.mp4", "{}".to_owned()).await.unwrap();
    let poster = store.put_poster("a.mp4", Bytes::from_static(b"png")).await.unwrap();
    assert_eq!((poster.name.as_str(), poster.location), ("a.mp4.png", format!("{}.png", first.location)));
    let same = store.put("a.mp4", body(&[b"first"])).await.unwrap();
    assert_eq!(same, first, "the same video twice is one");

    let second = store.put("a.mp4", body(&[b"second"])).await.unwrap();
    assert_eq!(second.location, first.location);
    assert!(second.replaced.is_some_and(|aside| aside != first.location), "what was there is kept");

    let broken = Failure::new(FailureKind::Interrupted, Recovery::Later, "cut", "");
    let pieces = [Ok(Bytes::from(long())), Err(AssetError::Video(broken))];
    let cut = store.put("a.mp4", VideoBody::new(futures::stream::iter(pieces))).await;
    assert!(matches!(cut, Err(AssetError::Video(_))));
    let after = store.put("a.mp4", body(&[b"second"])).await.unwrap();
    assert_eq!(after.replaced, None, "what breaks off changes nothing");

    let long = long();
    let pieces: Vec<_> = long.chunks(1_000_003).collect();
    let stored = store.put("long.mp4", body(&pieces)).await.unwrap();
    assert_eq!(stored.bytes, long.len() as u64);
    assert_eq!(stored.content_hash, fal_upload::ContentHash::of(&long).to_string());

    gives_back_what_it_keeps(store.as_ref(), &long).await;
}

async fn gives_back_what_it_keeps(store: &dyn AssetStore, long: &[u8]) {
    store.put_sidecar("long.mp4", "{\"of\":\"long\"}".to_owned()).await.unwrap();
    let listed = store.list().await.unwrap();
    let aside = &listed[0].name;
    assert!(aside.starts_with("a-"), "{listed:?}");
    assert_eq!(store.read(&format!("{aside}.png"), 0..3).await.unwrap(), "png", "its poster has gone with it");
    assert!(store.open("a.mp4.png").await.unwrap().is_none());
    // The second video of that name has no sidecar yet: it is not finished.
    let names: Vec<_> = listed.iter().map(|video| (video.name.as_str(), video.bytes)).collect();
    assert_eq!(names, [(aside.as_str(), 5), ("long.mp4", long.len() as u64)]);
    assert!(listed.iter().all(|video| 1_700_000_000_000 < video.stored_at.0), "{listed:?}");

    assert_eq!(store.sidecar("long.mp4").await.unwrap().as_deref(), Some("{\"of\":\"long\"}"));
    assert_eq!(store.sidecar("a.mp4").await.unwrap(), None);
    let opened = store.open("long.mp4").await.unwrap().unwrap();
    assert_eq!(opened.bytes, long.len() as u64);
    let pieces: Vec<Bytes> = opened.body.try_collect().await.unwrap();
    assert_eq!(pieces.concat(), long);
    assert_eq!(store.read("long.mp4", 1000..1008).await.unwrap(), &long[1000..1008]);
    let end = long.len() as u64;
    assert_eq!(store.read("long.mp4", end - 4..end).await.unwrap(), &long[long.len() - 4..]);
    assert!(store.read("long.mp4", end - 4..end + 1).await.is_err(), "it ends before");
    assert!(store.read("none.mp4", 0..1).await.is_err());
    assert!(store.open("none.mp4").await.unwrap().is_none());

    store.put_poster("long.mp4", Bytes::from_static(b"png")).await.unwrap();
    for _ in 0..2 {
        store.delete("long.mp4").await.unwrap();
        assert!(store.open("long.mp4.png").await.unwrap().is_none());
        assert!(store.open("long.mp4").await.unwrap().is_none());
        assert!(store.sidecar("long.mp4").await.unwrap().is_some(), "until everybody has taken note");
    }
    for _ in 0..2 {
        store.delete_sidecar("long.mp4").await.unwrap();
        assert_eq!(store.sidecar("long.mp4").await.unwrap(), None);
    }
    let names: Vec<_> = store.list().await.unwrap().into_iter().map(|video| video.name).collect();
    assert_eq!(&names, std::slice::from_ref(aside));
    for name in ["", "../a.mp4", "sub/a.mp4"] {
        assert!(store.open(name).await.is_err(), "{name}");
        assert!(store.delete(name).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_folder_keeps_to_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    keeps_to_the_contract(Arc::new(FolderAssetStore::new(folder.path()))).await;
}

#[tokio::test]
async fn memory_keeps_to_the_contract() {
    keeps_to_the_contract(Arc::new(ObjectAssetStore::in_memory())).await;
}

#[test]
fn an_address_that_cannot_be_used_is_refused() {
    for address in ["ftp://a/b", "http://a/b"] {
        assert!(videogen_service::asset_store_at(address, []).is_err(), "{address}");
    }
    assert!(videogen_service::asset_store_at("some/folder", []).is_ok());
    assert_eq!(videogen_service::asset_store_at("s3://b/p", []).is_ok(), cfg!(feature = "aws"));
}

/// A real S3 server in this process.
#[cfg(feature = "aws")]
mod s3 {
    use futures::StreamExt;

    use super::*;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    use hyper_util::server::conn::auto::Builder;

    async fn server(folder: &std::path::Path) -> String {
        std::fs::create_dir(folder.join("videos")).unwrap();
        let mut service = s3s::service::S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
        service.set_auth(s3s::auth::SimpleAuth::from_single("id", "secret"));
        let service = service.build();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        format!("http://{address}")
    }

    fn store(endpoint: &str, secret: &str) -> Arc<dyn AssetStore> {
        let options = [
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("AWS_ENDPOINT", endpoint),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ALLOW_HTTP", "true"),
        ];
        let options = options.map(|(name, value)| (name.to_owned(), value.to_owned()));
        videogen_service::asset_store_at("s3://videos/of/ours", options).unwrap()
    }

    #[tokio::test]
    async fn an_s3_server_keeps_to_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        let endpoint = server(folder.path()).await;
        keeps_to_the_contract(store(&endpoint, "secret")).await;
        let content = std::fs::read(folder.path().join("videos/of/ours/a.mp4")).unwrap();
        assert_eq!(content, b"second");
    }

    #[tokio::test]
    async fn a_key_that_is_refused_is_found_before_anything_is_paid_and_is_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let endpoint = server(folder.path()).await;
        let error = store(&endpoint, "wr0ng").check(Some("a.mp4")).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("wr0ng"));
    }

    #[tokio::test]
    async fn between_two_parts_nothing_is_to_be_seen() {
        let folder = tempfile::tempdir().unwrap();
        let endpoint = server(folder.path()).await;
        let (sent, waiting) = tokio::sync::oneshot::channel::<()>();
        let begun = futures::stream::iter([Ok(Bytes::from(long())), Ok(Bytes::from(long()))]);
        let silent = futures::stream::once(async move {
            let _ = sent.send(());
            std::future::pending().await
        });
        let other = store(&endpoint, "secret");
        let put = tokio::spawn(async move { other.put("a.mp4", VideoBody::new(begun.chain(silent))).await });
        waiting.await.unwrap();
        put.abort();
        assert!(put.await.unwrap_err().is_cancelled());
        assert!(!folder.path().join("videos/of/ours/a.mp4").exists());
        let stored = store(&endpoint, "secret").put("a.mp4", body(&[b"whole"])).await.unwrap();
        assert_eq!((stored.bytes, stored.replaced), (5, None));
    }
}
