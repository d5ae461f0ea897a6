//! A cache in a folder: one small file for each upload.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{CacheKey, KnownFile, UploadCache, UploadEntry};
use crate::blocking::blocking;
use crate::{Error, FileStamp};

/// Remembers uploads in a folder, which is made when it is first needed. Processes may share it: a file is written
/// beside its place and then moved there, so it is seen whole or not at all.
#[derive(Debug, Clone)]
pub struct FolderUploadCache {
    folder: PathBuf,
}

impl FolderUploadCache {
    /// A cache in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn file(&self, key: &CacheKey) -> PathBuf {
        self.folder.join(format!("{}.json", key.name()))
    }
}

#[async_trait::async_trait]
impl UploadCache for FolderUploadCache {
    async fn get(&self, key: &CacheKey) -> Option<UploadEntry> {
        let file = self.file(key);
        let text = blocking(move || Ok(std::fs::read(file).ok())).await.ok().flatten()?;
        serde_json::from_slice(&text).ok()
    }

    async fn put(&self, key: &CacheKey, entry: UploadEntry) -> Result<(), Error> {
        let (folder, file) = (self.folder.clone(), self.file(key));
        blocking(move || write(&folder, &file, &entry).map_err(|error| Error::cache(&folder, error))).await
    }

    async fn remove(&self, key: &CacheKey) -> Result<(), Error> {
        let (folder, file) = (self.folder.clone(), self.file(key));
        blocking(move || match std::fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::cache(&folder, error)),
            _ => Ok(()),
        })
        .await
    }

    async fn known_file(&self, _: &FileStamp) -> Option<KnownFile> {
        None
    }

    async fn know_file(&self, _: &FileStamp, _: KnownFile) {}
}

fn write(folder: &Path, file: &Path, entry: &UploadEntry) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(&serde_json::to_vec(entry)?)?;
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}
