//! Videos in an object store.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use fal_upload::{ContentHash, ContentHasher};
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use videogen_domain::{StoredVideo, UnixMillis, VideoFacts};

use super::{AssetError, AssetStore, KeptVideo, OpenVideo, StoredPoster, VideoBody, poster_name, sidecar_name};

/// The size of one part, in bytes. S3 wants 5 MiB at least and takes 10,000 parts: videos of 80 GB.
const PART: usize = 8 << 20;
/// Parts under way at a time: with the one that fills up, 24 MiB of memory for each video.
const PARTS_AT_ONCE: usize = 2;
/// The object by which it is tried out whether anything can be written.
const PROBE: &str = ".videogen-check";

/// Keeps videos in an object store: in memory, or at S3, Google Cloud Storage or Azure by the features `aws`, `gcp` and
/// `azure`. A video arrives in parts, within 24 MiB of memory, and is not seen before its last one.
///
/// What was there under its name is copied to `name-<hash>.mp4` first, where the hash is that of its content: whoever
/// does so again after a crash finds the same name. Of two processes that write to one name in the same moment, the
/// later one wins.
#[derive(Debug, Clone)]
pub struct ObjectAssetStore {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// How places are shown, without a final slash.
    address: String,
}

impl ObjectAssetStore {
    /// A store in memory, gone with the process.
    pub fn in_memory() -> Self {
        let store = Arc::new(object_store::memory::InMemory::new());
        Self { store, prefix: Path::ROOT, address: "memory://".to_owned() }
    }

    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    pub(super) fn at(store: Arc<dyn ObjectStore>, prefix: Path, address: String) -> Self {
        Self { store, prefix, address }
    }

    fn place(&self, name: &str) -> Result<Path, AssetError> {
        let plain = std::path::Path::new(name).file_name().is_some_and(|plain| plain == name);
        let place = if self.prefix.as_ref().is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) };
        let refused = || {
            let (problem, advice) = ("is not a file name", "Give a name without folders.");
            AssetError::Place { place: name.to_owned(), problem, advice, source: None }
        };
        if plain { Path::parse(place).map_err(|_| refused()) } else { Err(refused()) }
    }

    fn shown(&self, place: &Path) -> String {
        let name = place.filename().unwrap_or_default();
        format!("{}/{name}", self.address)
    }

    fn failed(&self, error: object_store::Error) -> AssetError {
        unusable(&self.address, error)
    }

    async fn remove(&self, place: &Path) -> Result<(), AssetError> {
        where_there(self.store.delete(place).await).map(drop).map_err(|error| self.failed(error))
    }

    /// Copies what is at a place, with its sidecar and poster, to a name of its content, unless that is the new content.
    /// Returns `Aside::Same` when it is.
    async fn set_aside(&self, place: &Path, new: ContentHash) -> Result<Aside, object_store::Error> {
        let Some(there) = self.hash_of(place).await? else { return Ok(Aside::Nothing) };
        if there == new {
            return Ok(Aside::Same);
        }
        let aside = aside_of(place, there);
        self.store.copy(place, &aside).await?;
        for beside in [sidecar_name, poster_name] {
            let there = named(beside(place.as_ref()));
            if where_there(self.store.copy(&there, &named(beside(aside.as_ref()))).await)?.is_some() {
                // Beside a video that it does not tell of it would be wrong.
                self.store.delete(&there).await?;
            }
        }
        Ok(Aside::At(aside))
    }

    async fn hash_of(&self, place: &Path) -> Result<Option<ContentHash>, object_store::Error> {
        let Some(found) = where_there(self.store.get(place).await)? else { return Ok(None) };
        let mut pieces = found.into_stream();
        let mut hasher = ContentHasher::default();
        while let Some(piece) = pieces.try_next().await? {
            hasher.update(&piece);
        }
        Ok(Some(hasher.finish()))
    }
}

/// What was at a place.
enum Aside {
    Nothing,
    Same,
    At(Path),
}

#[async_trait::async_trait]
impl AssetStore for ObjectAssetStore {
    fn place(&self) -> String {
        self.address.clone()
    }

    fn location(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    async fn check(&self, name: Option<&str>) -> Result<(), AssetError> {
        name.map(|name| self.place(name)).transpose()?;
        let probe = self.place(PROBE)?;
        self.store.put(&probe, Bytes::new().into()).await.map_err(|error| self.failed(error))?;
        // Who may write and not delete can keep videos all the same.
        if let Err(error) = self.store.delete(&probe).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "the probe could not be deleted");
        }
        Ok(())
    }

    async fn put(&self, name: &str, mut body: VideoBody<'_>) -> Result<StoredVideo, AssetError> {
        let place = self.place(name)?;
        let upload = self.store.put_multipart(&place).await.map_err(|error| self.failed(error))?;
        let mut parts = Parts(Some(WriteMultipart::new_with_chunk_size(upload, PART)));
        let mut hasher = ContentHasher::default();
        let mut bytes = 0;
        while let Some(piece) = body.try_next().await? {
            hasher.update(&piece);
            bytes += piece.len() as u64;
            parts.write(piece).await.map_err(|error| self.failed(error))?;
        }
        let hash = hasher.finish();
        let aside = self.set_aside(&place, hash).await.map_err(|error| self.failed(error))?;
        // The same content is there already, and the parts are dropped.
        if !matches!(aside, Aside::Same) {
            parts.finish().await.map_err(|error| self.failed(error))?;
        }
        let replaced = match aside {
            Aside::At(aside) => Some(self.shown(&aside)),
            Aside::Nothing | Aside::Same => None,
        };
        Ok(StoredVideo {
            location: self.shown(&place),
            bytes,
            content_hash: hash.to_string(),
            replaced,
            facts: VideoFacts::default(),
        })
    }

    async fn put_sidecar(&self, name: &str, text: String) -> Result<(), AssetError> {
        let place = sidecar_of(&self.place(name)?);
        self.store.put(&place, text.into()).await.map(drop).map_err(|error| self.failed(error))
    }

    async fn put_poster(&self, name: &str, png: Bytes) -> Result<StoredPoster, AssetError> {
        let name = poster_name(name);
        let place = self.place(&name)?;
        self.store.put(&place, png.into()).await.map_err(|error| self.failed(error))?;
        Ok(StoredPoster { location: self.shown(&place), name })
    }

    async fn list(&self) -> Result<Vec<KeptVideo>, AssetError> {
        let prefix = (!self.prefix.as_ref().is_empty()).then_some(&self.prefix);
        let found = self.store.list_with_delimiter(prefix).await.map_err(|error| self.failed(error))?;
        let names = found.objects.into_iter().filter_map(|object| {
            let name = object.location.filename()?.to_owned();
            let stored_at = UnixMillis(object.last_modified.timestamp_millis());
            Some((name.clone(), KeptVideo { name, bytes: object.size, stored_at }))
        });
        let objects: BTreeMap<String, KeptVideo> = names.collect();
        let has_sidecar = |video: &&KeptVideo| objects.contains_key(&sidecar_name(&video.name));
        Ok(objects.values().filter(has_sidecar).cloned().collect())
    }

    async fn sidecar(&self, name: &str) -> Result<Option<String>, AssetError> {
        let place = sidecar_of(&self.place(name)?);
        let Some(found) = where_there(self.store.get(&place).await).map_err(|error| self.failed(error))? else {
            return Ok(None);
        };
        let bytes = found.bytes().await.map_err(|error| self.failed(error))?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    async fn open(&self, name: &str) -> Result<Option<OpenVideo>, AssetError> {
        let place = self.place(name)?;
        let Some(found) = where_there(self.store.get(&place).await).map_err(|error| self.failed(error))? else {
            return Ok(None);
        };
        let (bytes, address) = (found.meta.size, self.address.clone());
        let body = VideoBody::new(found.into_stream().map_err(move |error| unusable(&address, error)));
        Ok(Some(OpenVideo { bytes, body }))
    }

    async fn read(&self, name: &str, range: Range<u64>) -> Result<Bytes, AssetError> {
        let place = self.place(name)?;
        let read = self.store.get_range(&place, range.clone()).await.map_err(|error| self.failed(error))?;
        // Stores give what there is of a range that goes beyond the end.
        match range.end.saturating_sub(range.start) == read.len() as u64 {
            true => Ok(read),
            false => Err(AssetError::Kept {
                what: format!("the video {}", self.shown(&place)),
                problem: "ends too early",
                advice: "It is not the video that was stored: look who has changed it.",
                source: None,
            }),
        }
    }

    async fn delete(&self, name: &str) -> Result<(), AssetError> {
        self.remove(&self.place(&poster_name(name))?).await?;
        self.remove(&self.place(name)?).await
    }

    async fn delete_sidecar(&self, name: &str) -> Result<(), AssetError> {
        self.remove(&sidecar_of(&self.place(name)?)).await
    }
}

/// Nothing where there is no such object.
fn where_there<T>(found: Result<T, object_store::Error>) -> Result<Option<T>, object_store::Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The parts of a video on their way. Dropped before the last one, they are taken back, as far as the process lives on.
struct Parts(Option<WriteMultipart>);

impl Parts {
    async fn write(&mut self, piece: Bytes) -> Result<(), object_store::Error> {
        let Some(parts) = &mut self.0 else { return Ok(()) };
        parts.wait_for_capacity(PARTS_AT_ONCE).await?;
        parts.put(piece);
        Ok(())
    }

    async fn finish(mut self) -> Result<(), object_store::Error> {
        match self.0.take() {
            Some(parts) => parts.finish().await.map(drop),
            None => Ok(()),
        }
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        let Some(parts) = self.0.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(parts.abort());
        }
    }
}

fn sidecar_of(place: &Path) -> Path {
    named(sidecar_name(place.as_ref()))
}

/// A path as it is written: `Path::from` would write some characters otherwise.
fn named(text: String) -> Path {
    Path::parse(&text).unwrap_or_else(|_| Path::from(text))
}

/// `a.mp4` with other content becomes `a-1f2e3d4c5b6a.mp4`.
fn aside_of(place: &Path, hash: ContentHash) -> Path {
    let hash = &hash.to_string()[..12];
    let name = match place.as_ref().rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => format!("{stem}-{hash}.{extension}"),
        _ => format!("{place}-{hash}"),
    };
    named(name)
}

pub(super) fn unusable(address: &str, error: object_store::Error) -> AssetError {
    AssetError::Place {
        place: address.to_owned(),
        problem: "cannot be used",
        advice: "Check the bucket, the credentials and the endpoint, or choose another place.",
        source: Some(std::io::Error::other(error)),
    }
}
