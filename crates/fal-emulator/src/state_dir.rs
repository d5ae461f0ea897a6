//! The folder that everything lives in: locked while in use, its files written whole or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use crate::error::Error;

const LOCK: &str = "lock";
const PORT: &str = "port";
const FILES: &str = "files";
const REQUESTS: &str = "requests";
const CA: &str = "ca.pem";
const CA_KEY: &str = "ca-key.pem";
/// Of no use to a later start.
const SCRATCH: &str = "scratch";

/// A folder, either the user's own, which lasts, or a temporary one, which goes away with the emulator.
pub(crate) struct StateDir {
    root: PathBuf,
    temporary: Option<TempDir>,
}

/// The operating system's lock on a lasting folder; given back when dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl StateDir {
    /// Opens the asked folder; without one, or where another emulator holds it, a temporary one (then there is no lock).
    pub(crate) fn open(asked: Option<PathBuf>) -> Result<(Self, Option<Lock>), Error> {
        if let Some(root) = asked
            && let Some(lock) = lock(&root)?
        {
            let state = Self { root, temporary: None };
            state.prepare()?;
            return Ok((state, Some(lock)));
        }
        let folder = tempfile::Builder::new()
            .prefix("fal-emulator-")
            .tempdir()
            .map_err(|source| Error::State { path: std::env::temp_dir(), source })?;
        let state = Self { root: folder.path().to_owned(), temporary: Some(folder) };
        state.prepare()?;
        Ok((state, None))
    }

    /// Whether the folder outlives the emulator.
    pub(crate) fn is_durable(&self) -> bool {
        self.temporary.is_none()
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.root.join(FILES)
    }

    pub(crate) fn requests(&self) -> PathBuf {
        self.root.join(REQUESTS)
    }

    pub(crate) fn ca(&self) -> PathBuf {
        self.root.join(CA)
    }

    pub(crate) fn ca_key(&self) -> PathBuf {
        self.root.join(CA_KEY)
    }

    /// The port of the last time.
    pub(crate) fn last_port(&self) -> Option<u16> {
        fs::read_to_string(self.root.join(PORT)).ok()?.trim().parse().ok()
    }

    pub(crate) fn remember_port(&self, port: u16) -> Result<(), Error> {
        let path = self.root.join(PORT);
        self.write(&path, format!("{port}\n").as_bytes()).map_err(|source| Error::State { path, source })
    }

    /// Writes a file, for its owner's eyes alone, so that after a crash it is there in whole or not at all.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        self.keep(file, path)
    }

    /// Writes a record as JSON, in whole or not at all.
    pub(crate) fn write_record(&self, path: &Path, record: &impl serde::Serialize) -> io::Result<()> {
        self.write(path, &serde_json::to_vec_pretty(record).map_err(io::Error::other)?)
    }

    /// An empty file that is deleted unless it is [kept](Self::keep), by the next start at the latest.
    pub(crate) fn scratch(&self) -> io::Result<NamedTempFile> {
        NamedTempFile::new_in(self.root.join(SCRATCH))
    }

    /// Gives a file its name, so that after a crash it is there in whole or not at all.
    pub(crate) fn keep(&self, file: NamedTempFile, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        if self.is_durable() {
            file.as_file().sync_all()?;
        }
        file.persist(path).map_err(|error| error.error)?;
        if self.is_durable() { sync_folder(folder) } else { Ok(()) }
    }

    fn prepare(&self) -> Result<(), Error> {
        let scratch = self.root.join(SCRATCH);
        if scratch.exists() {
            fs::remove_dir_all(&scratch).map_err(|source| Error::State { path: scratch.clone(), source })?;
        }
        for path in [self.files(), self.requests(), scratch] {
            fs::create_dir_all(&path).map_err(|source| Error::State { path, source })?;
        }
        Ok(())
    }
}

/// The paths of the records in a folder, in the order of their names.
pub(crate) fn records(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let fail = |source| Error::State { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Reads all records of a folder, in the order of their names. One that is damaged is set aside.
pub(crate) fn read_records<T: serde::de::DeserializeOwned>(folder: &Path) -> Result<Vec<T>, Error> {
    let read = records(folder)?.into_iter().map(|path| read_or_set_aside(&path));
    read.filter_map(Result::transpose).collect()
}

/// Reads one record. One that is damaged is renamed to `*.damaged`, so that it neither stops the start nor is lost.
pub(crate) fn read_or_set_aside<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    match read_record(path) {
        Ok(record) => Ok(Some(record)),
        Err(Error::Record { .. }) => {
            let mut aside = path.as_os_str().to_owned();
            aside.push(".damaged");
            fs::rename(path, aside).map_err(|source| Error::State { path: path.to_owned(), source })?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Reads one record.
pub(crate) fn read_record<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = fs::read(path).map_err(|source| Error::State { path: path.to_owned(), source })?;
    serde_json::from_slice(&text).map_err(|source| Error::Record { path: path.to_owned(), source: source.into() })
}

fn lock(root: &Path) -> Result<Option<Lock>, Error> {
    let path = root.join(LOCK);
    let fail = |source| Error::State { path: path.clone(), source };
    fs::create_dir_all(root).map_err(fail)?;
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(fail(source)),
    }
}

/// A new name in a folder is only certain once the folder itself is synced.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
