//! Videos in a folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use fal_upload::ContentHasher;
use futures::TryStreamExt;
use tempfile::NamedTempFile;
use videogen_domain::{StoredVideo, UnixMillis, VideoFacts};

use super::{AssetError, AssetStore, KeptVideo, OpenVideo, StoredPoster, VideoBody, poster_name, sidecar_name};
use crate::fault_point;

/// How much of a video is read at a time, in bytes.
const PIECE: u64 = 256 << 10;

/// Keeps videos in a folder, which must exist. A file is written beside its place, brought to disk, and moved there.
#[derive(Debug, Clone)]
pub struct FolderAssetStore {
    folder: PathBuf,
}

impl FolderAssetStore {
    /// A store in `folder`; an empty path is the working folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder by a name that the system knows.
    fn directory(&self) -> &Path {
        if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder }
    }

    fn place(&self, name: &str) -> Result<PathBuf, AssetError> {
        let plain = Path::new(name).file_name().is_some_and(|plain| plain == name);
        if !plain {
            let (problem, advice) = ("is not a file name", "Give a name without folders.");
            return Err(AssetError::Place { place: name.to_owned(), problem, advice, source: None });
        }
        Ok(self.folder.join(name))
    }

    fn new_file(&self) -> Result<NamedTempFile, AssetError> {
        NamedTempFile::new_in(self.directory()).map_err(|error| unwritable(self.directory(), error))
    }

    fn check_folder(&self, name: Option<&str>) -> Result<(), AssetError> {
        let refused = |place: &Path, problem, advice, source| {
            Err(AssetError::Place { place: place.display().to_string(), problem, advice, source })
        };
        match std::fs::metadata(self.directory()) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return refused(&self.folder, "is not a folder", "Choose another output path.", None),
            Err(error) => {
                let missing = error.kind() == io::ErrorKind::NotFound;
                let problem = if missing { "does not exist" } else { "cannot be looked at" };
                let advice = "Make the folder, or choose another output path.";
                return refused(&self.folder, problem, advice, Some(error).filter(|_| !missing));
            }
        }
        if let Some(name) = name {
            let place = self.place(name)?;
            if place.is_dir() {
                return refused(&place, "is a folder", "Add the name of a file to the output path.", None);
            }
        }
        self.new_file().map(drop)
    }
}

#[async_trait::async_trait]
impl AssetStore for FolderAssetStore {
    fn place(&self) -> String {
        // Only a working folder that is gone has no whole path.
        let whole = std::path::absolute(self.directory()).unwrap_or_else(|_| self.folder.clone());
        whole.display().to_string()
    }

    fn location(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    async fn check(&self, name: Option<&str>) -> Result<(), AssetError> {
        let (store, name) = (self.clone(), name.map(str::to_owned));
        blocking(move || store.check_folder(name.as_deref())).await
    }

    async fn put(&self, name: &str, mut body: VideoBody<'_>) -> Result<StoredVideo, AssetError> {
        let place = self.place(name)?;
        let store = self.clone();
        let mut arriving = blocking(move || store.new_file().map(Arriving::new)).await?;
        while let Some(piece) = body.try_next().await? {
            let folder = self.directory().to_owned();
            arriving = blocking(move || arriving.write(&piece).map_err(|error| unwritable(&folder, error))).await?;
        }
        blocking(move || arriving.keep(&place).map_err(|error| unwritable(&place, error))).await
    }

    async fn put_sidecar(&self, name: &str, text: String) -> Result<(), AssetError> {
        let place = sidecar_of(&self.place(name)?);
        let store = self.clone();
        blocking(move || {
            let new = store.new_file()?;
            publish(new, text.as_bytes(), &place).map_err(|error| unwritable(&place, error))
        })
        .await
    }

    async fn put_poster(&self, name: &str, png: Bytes) -> Result<StoredPoster, AssetError> {
        let name = poster_name(name);
        let place = self.place(&name)?;
        let location = place.display().to_string();
        let store = self.clone();
        blocking(move || {
            let new = store.new_file()?;
            publish(new, &png, &place).map_err(|error| unwritable(&place, error))
        })
        .await?;
        Ok(StoredPoster { location, name })
    }

    async fn list(&self) -> Result<Vec<KeptVideo>, AssetError> {
        let folder = self.directory().to_owned();
        blocking(move || kept_videos(&folder).map_err(|error| unreadable(&folder, error))).await
    }

    async fn sidecar(&self, name: &str) -> Result<Option<String>, AssetError> {
        let place = sidecar_of(&self.place(name)?);
        blocking(move || where_there(std::fs::read_to_string(&place)).map_err(|error| unreadable(&place, error))).await
    }

    async fn open(&self, name: &str) -> Result<Option<OpenVideo>, AssetError> {
        let place = self.place(name)?;
        let opened = blocking({
            let place = place.clone();
            move || where_there(file_at(&place)).map_err(|error| unreadable(&place, error))
        });
        let Some((file, bytes)) = opened.await? else { return Ok(None) };
        let pieces = futures::stream::try_unfold((file, place), |(mut file, place)| {
            blocking(move || match next_piece(&mut file) {
                Ok(piece) if piece.is_empty() => Ok(None),
                Ok(piece) => Ok(Some((piece, (file, place)))),
                Err(error) => Err(unreadable(&place, error)),
            })
        });
        Ok(Some(OpenVideo { bytes, body: VideoBody::new(pieces) }))
    }

    async fn read(&self, name: &str, range: Range<u64>) -> Result<Bytes, AssetError> {
        let place = self.place(name)?;
        blocking(move || bytes_at(&place, range).map_err(|error| unreadable(&place, error))).await
    }

    async fn delete(&self, name: &str) -> Result<(), AssetError> {
        let (place, poster) = (self.place(name)?, self.place(&poster_name(name))?);
        blocking(move || {
            remove(&poster)?;
            remove(&place)
        })
        .await
    }

    async fn delete_sidecar(&self, name: &str) -> Result<(), AssetError> {
        let place = sidecar_of(&self.place(name)?);
        blocking(move || remove(&place)).await
    }
}

/// Files that have a sidecar, by name.
fn kept_videos(folder: &Path) -> io::Result<Vec<KeptVideo>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // What has just been taken away by somebody else is not there.
        let Some(metadata) = where_there(entry.metadata())?.filter(std::fs::Metadata::is_file) else { continue };
        if let Ok(name) = entry.file_name().into_string() {
            files.insert(name, metadata);
        }
    }
    let has_sidecar = |name: &String| files.contains_key(&sidecar_name(name));
    let videos = files.iter().filter(|(name, _)| has_sidecar(name));
    Ok(videos
        .map(|(name, metadata)| {
            let since = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
            let stored_at = UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
            KeptVideo { name: name.clone(), bytes: metadata.len(), stored_at }
        })
        .collect())
}

/// A file and its size; a folder is none.
fn file_at(place: &Path) -> io::Result<(File, u64)> {
    let file = File::open(place)?;
    let metadata = file.metadata()?;
    if metadata.is_file() { Ok((file, metadata.len())) } else { Err(io::ErrorKind::NotFound.into()) }
}

fn next_piece(file: &mut File) -> io::Result<Bytes> {
    let mut piece = Vec::with_capacity(PIECE as usize);
    file.take(PIECE).read_to_end(&mut piece)?;
    Ok(piece.into())
}

fn bytes_at(place: &Path, range: Range<u64>) -> io::Result<Bytes> {
    let (mut file, bytes) = file_at(place)?;
    if bytes < range.end {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    file.seek(io::SeekFrom::Start(range.start))?;
    let length = range.end.saturating_sub(range.start);
    let mut read = Vec::with_capacity(usize::try_from(length).map_err(io::Error::other)?);
    file.take(length).read_to_end(&mut read)?;
    Ok(read.into())
}

fn remove(place: &Path) -> Result<(), AssetError> {
    where_there(std::fs::remove_file(place)).map(drop).map_err(|error| AssetError::Kept {
        what: format!("the file {}", place.display()),
        problem: "cannot be deleted",
        advice: "Check the permissions of its folder, then try again.",
        source: Some(error),
    })
}

/// Nothing where there is no such file.
fn where_there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A video on its way to disk.
struct Arriving {
    file: NamedTempFile,
    hasher: ContentHasher,
    bytes: u64,
}

impl Arriving {
    fn new(file: NamedTempFile) -> Self {
        Self { file, hasher: ContentHasher::default(), bytes: 0 }
    }

    fn write(mut self, piece: &Bytes) -> io::Result<Self> {
        self.file.write_all(piece)?;
        self.hasher.update(piece);
        self.bytes += piece.len() as u64;
        Ok(self)
    }

    fn keep(self, place: &Path) -> io::Result<StoredVideo> {
        let content_hash = self.hasher.finish().to_string();
        self.file.as_file().sync_all()?;
        let replaced = set_aside(place, &content_hash)?;
        persist(self.file, place)?;
        let location = place.display().to_string();
        Ok(StoredVideo { location, bytes: self.bytes, content_hash, replaced, facts: VideoFacts::default() })
    }
}

fn publish(mut file: NamedTempFile, content: &[u8], place: &Path) -> io::Result<()> {
    file.write_all(content)?;
    file.as_file().sync_all()?;
    persist(file, place)
}

/// Moves a file to its place, and that to disk.
fn persist(file: NamedTempFile, place: &Path) -> io::Result<()> {
    readable_by_all(&file)?;
    fault_point("asset.move", "before");
    file.persist(place)?;
    fault_point("asset.move", "after");
    match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync_folder(folder),
        _ => sync_folder(Path::new(".")),
    }
}

/// Temporary files are private; a finished video is a file like any other.
#[cfg(unix)]
fn readable_by_all(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_file: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

// Elsewhere a folder cannot be opened as a file, and a rename is brought to disk with its file.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Renames what is at a place, with its sidecar and poster, to the first free name of `name-1.mp4`, `name-2.mp4`, …: it may be a
/// video that was paid for. The same video is left to be overwritten by itself.
fn set_aside(place: &Path, content_hash: &str) -> io::Result<Option<String>> {
    let Some(there) = hash_of(place)? else { return Ok(None) };
    if there == content_hash {
        return Ok(None);
    }
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let (stem, extension) = (part(place.file_stem()), part(place.extension()));
    let dot = if extension.is_empty() { "" } else { "." };
    for number in 1u64.. {
        let aside = place.with_file_name(format!("{stem}-{number}{dot}{extension}"));
        if aside.exists() || sidecar_of(&aside).exists() {
            continue;
        }
        std::fs::rename(place, &aside)?;
        for beside in [sidecar_name, poster_name] {
            where_there(std::fs::rename(beside_of(place, beside), beside_of(&aside, beside)))?;
        }
        return Ok(Some(aside.display().to_string()));
    }
    Err(io::Error::other("there is no free name"))
}

fn hash_of(place: &Path) -> io::Result<Option<String>> {
    let Some(mut file) = where_there(File::open(place))? else { return Ok(None) };
    let mut hasher = HashWriter(ContentHasher::default());
    io::copy(&mut file, &mut hasher)?;
    Ok(Some(hasher.0.finish().to_string()))
}

struct HashWriter(ContentHasher);

impl Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn sidecar_of(place: &Path) -> PathBuf {
    beside_of(place, sidecar_name)
}

/// The file beside a video that has this name.
fn beside_of(place: &Path, name: fn(&str) -> String) -> PathBuf {
    place.with_file_name(name(&place.file_name().unwrap_or_default().to_string_lossy()))
}

fn unwritable(place: &Path, error: io::Error) -> AssetError {
    AssetError::Place {
        place: place.display().to_string(),
        problem: "cannot be written",
        advice: "Check its permissions and the room on the disk, or choose another output path.",
        source: Some(error),
    }
}

fn unreadable(place: &Path, error: io::Error) -> AssetError {
    AssetError::Kept {
        what: format!("the file or folder {}", place.display()),
        problem: "cannot be read",
        advice: "Check that it is there, and its permissions.",
        source: Some(error),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AssetError> + Send + 'static,
) -> Result<T, AssetError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(unwritable(Path::new("the video"), io::Error::other("the program is shutting down"))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use videogen_domain::{Failure, FailureKind, Recovery};

    fn body(pieces: &[&'static str]) -> VideoBody<'static> {
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        VideoBody::new(futures::stream::iter(pieces))
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_video_that_was_there_is_kept_with_its_sidecar() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderAssetStore::new(folder.path());
        for content in ["first", "second", "third"] {
            let stored = store.put("a.mp4", body(&[content])).await.unwrap();
            assert_eq!(stored.replaced.is_some(), content != "first");
            store.put_sidecar("a.mp4", format!("{{\"of\":\"{content}\"}}")).await.unwrap();
        }
        assert_eq!(files(folder.path()), ["a-1.mp4", "a-1.mp4.json", "a-2.mp4", "a-2.mp4.json", "a.mp4", "a.mp4.json"]);
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(
            (read("a-1.mp4"), read("a-2.mp4"), read("a.mp4")),
            ("first".into(), "second".into(), "third".into())
        );
        assert_eq!(read("a-2.mp4.json"), r#"{"of":"second"}"#);
    }

    #[tokio::test]
    async fn the_same_video_twice_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderAssetStore::new(folder.path());
        let first = store.put("a.mp4", body(&["fi", "lm"])).await.unwrap();
        let second = store.put("a.mp4", body(&["film"])).await.unwrap();
        assert_eq!((first.content_hash, first.bytes), (second.content_hash, second.bytes));
        assert_eq!((second.replaced, files(folder.path())), (None, vec!["a.mp4".to_owned()]));
    }

    #[tokio::test]
    async fn a_video_is_read_in_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let content = vec![7; 3 * PIECE as usize + 1];
        std::fs::write(folder.path().join("a.mp4"), &content).unwrap();
        let opened = FolderAssetStore::new(folder.path()).open("a.mp4").await.unwrap().unwrap();
        let pieces: Vec<Bytes> = opened.body.try_collect().await.unwrap();
        let lengths: Vec<_> = pieces.iter().map(|piece| piece.len() as u64).collect();
        assert_eq!((opened.bytes, lengths), (content.len() as u64, vec![PIECE, PIECE, PIECE, 1]));
    }

    #[tokio::test]
    async fn a_video_that_breaks_off_leaves_nothing_and_spares_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderAssetStore::new(folder.path());
        store.put("a.mp4", body(&["whole"])).await.unwrap();
        let broken = Failure::new(FailureKind::Interrupted, Recovery::Later, "cut", "");
        let pieces = vec![Ok(Bytes::from_static(b"ha")), Err(AssetError::Video(broken))];
        let result = store.put("a.mp4", VideoBody::new(futures::stream::iter(pieces))).await;
        assert!(matches!(result, Err(AssetError::Video(_))));
        assert_eq!(files(folder.path()), ["a.mp4"]);
        assert_eq!(std::fs::read_to_string(folder.path().join("a.mp4")).unwrap(), "whole");
    }

    #[tokio::test]
    async fn a_place_that_cannot_be_used_is_found_before_anything_is_paid() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let at = |path: &str| FolderAssetStore::new(folder.path().join(path));
        assert!(at("").check(Some("a.mp4")).await.is_ok());
        assert!(at("").check(None).await.is_ok());
        for (store, name) in
            [(at("nowhere"), "a.mp4"), (at("file"), "a.mp4"), (at(""), "sub"), (at(""), "../a.mp4"), (at(""), "")]
        {
            assert!(store.check(Some(name)).await.is_err(), "{store:?} {name}");
        }
        assert_eq!(files(folder.path()), ["file", "sub"], "looking leaves nothing behind");
    }
}
