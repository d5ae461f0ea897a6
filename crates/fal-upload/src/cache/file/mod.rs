//! A cache in one file, which processes share.

mod link;
mod open;
mod rows;
mod set_aside;
mod trouble;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::Mutex;

use super::{CacheKey, CacheLimits, KnownFile, UploadCache, UploadEntry};
use crate::blocking::blocking;
use crate::{Error, FileStamp};
use link::Link;

/// Remembers uploads in a file, an SQLite database, for this process, those beside it, and those after it.
///
/// The file and its folder are made when they are first needed, for their owner alone: addresses may be signed. A process
/// that is killed loses nothing that [`put`](UploadCache::put) has confirmed; a power cut may lose the last entries, and
/// never damages the file. A damaged one is set aside under another name, and a new one begun. A file of a newer version
/// is left alone. It has to be on a disk of this machine: SQLite's shared memory does not reach across a network.
///
/// What has expired, and files that were not asked for in a month, go with the first write of a process and every
/// thousandth after it. So does what is beyond the limits, which each process that writes may therefore pass by a
/// thousand. Times are kept to the microsecond.
///
/// # Defaults
/// 100,000 uploads and 100,000 files: together about 45 MB.
#[derive(Debug)]
pub struct FileUploadCache {
    settings: Settings,
    link: Arc<Mutex<Link>>,
}

/// What a cache in a file is told.
#[derive(Debug, Clone)]
struct Settings {
    file: Arc<Path>,
    limits: CacheLimits,
    now: fn() -> Timestamp,
}

impl FileUploadCache {
    /// A cache in `file`. Nothing is opened yet.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        // From here on no change of the working folder matters, and the name does not begin with `file:`, which SQLite
        // would take for an address.
        let file = std::path::absolute(&file).unwrap_or(file).into();
        let limits = CacheLimits { uploads: 100_000, files: 100_000 };
        Self { settings: Settings { file, limits, now: Timestamp::now }, link: Arc::default() }
    }

    /// Remembers as much as this.
    #[must_use]
    pub fn with_limits(mut self, limits: CacheLimits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Takes the time from elsewhere, for tests.
    #[must_use]
    pub fn with_clock(mut self, now: fn() -> Timestamp) -> Self {
        self.settings.now = now;
        self
    }

    /// Looks something up. What cannot be read is not there.
    async fn look_up<T: Send + 'static>(
        &self,
        what: impl FnOnce(&Connection, Timestamp) -> rusqlite::Result<Option<T>> + Send + 'static,
    ) -> Option<T> {
        let found = self.on_disk(|link, settings| link.run(settings, what)).await;
        found.unwrap_or_else(|error| {
            tracing::debug!(error = &error as &dyn std::error::Error, "nothing is remembered");
            None
        })
    }

    async fn write(
        &self,
        what: impl FnOnce(&Connection, Timestamp) -> rusqlite::Result<()> + Send + 'static,
    ) -> Result<(), Error> {
        self.on_disk(|link, settings| link.write(settings, what)).await
    }

    /// Waits for its turn, and only then for a thread: many who ask at once need no thread each.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Link, &Settings) -> Result<T, trouble::Trouble> + Send + 'static,
    ) -> Result<T, Error> {
        let settings = self.settings.clone();
        let mut link = Arc::clone(&self.link).lock_owned().await;
        blocking(move || work(&mut link, &settings).map_err(|trouble| Error::cache(&settings.file, trouble))).await
    }
}

#[async_trait::async_trait]
impl UploadCache for FileUploadCache {
    async fn get(&self, key: &CacheKey) -> Option<UploadEntry> {
        let key = key.clone();
        self.look_up(move |connection, _| rows::upload(connection, &key)).await
    }

    async fn put(&self, key: &CacheKey, entry: UploadEntry) -> Result<(), Error> {
        let key = key.clone();
        self.write(move |connection, _| rows::put_upload(connection, &key, &entry)).await
    }

    async fn remove(&self, key: &CacheKey) -> Result<(), Error> {
        let key = key.clone();
        self.write(move |connection, _| rows::remove_upload(connection, &key)).await
    }

    async fn known_file(&self, stamp: &FileStamp) -> Option<KnownFile> {
        let stamp = stamp.digest();
        self.look_up(move |connection, now| rows::known_file(connection, &stamp, now)).await
    }

    async fn know_file(&self, stamp: &FileStamp, file: KnownFile) {
        let stamp = stamp.digest();
        if let Err(error) = self.write(move |connection, now| rows::put_file(connection, &stamp, &file, now)).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "the file will be read again");
        }
    }
}

#[cfg(test)]
mod tests;
