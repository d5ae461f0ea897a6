//! The files of the CDN: uploads and rendered videos, on disk, with an index in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::acl::{Acl, Decision};
use super::file_record::{Draft, FileRecord};
use super::incoming::Incoming;
use super::lifecycle::Lifecycle;
use super::settings::Account;
use super::signature::Signer;
use crate::clock::Clock;
use crate::error::Error;
use crate::state_dir::{StateDir, read_records};

/// All files of one emulator. An expired one is deleted when it is next looked for, and by [`Files::sweep`].
pub(crate) struct Files {
    pub(super) state: Arc<StateDir>,
    pub(super) account: Account,
    pub(super) signer: Signer,
    clock: Clock,
    /// By id, which is the order in which they were begun.
    index: Mutex<BTreeMap<String, FileRecord>>,
    uploads: AtomicUsize,
    /// Told when a file has come, which may be the next to end.
    pub(super) changed: Notify,
}

/// Why a file cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// It is not there, no longer there, or hidden.
    Missing,
    Forbidden,
}

impl Files {
    pub(crate) fn open(state: Arc<StateDir>, clock: Clock) -> Result<Self, Error> {
        let records: Vec<FileRecord> = read_records(&state.files())?;
        Ok(Self {
            account: Account::open(Arc::clone(&state), !records.is_empty())?,
            signer: Signer::open(&state)?,
            clock,
            index: Mutex::new(records.into_iter().map(|record| (record.id.clone(), record)).collect()),
            uploads: AtomicUsize::new(0),
            changed: Notify::new(),
            state,
        })
    }

    /// A file, whoever may read it.
    pub(crate) fn find(&self, id: &str) -> Option<FileRecord> {
        let mut index = self.lock();
        let record = index.get(id)?.clone();
        if record.has_expired(self.clock.now()) {
            let _ = self.delete(&mut index, id);
            return None;
        }
        Some(record)
    }

    /// A file as a reader gets it who has no name, but may have a signature.
    pub(super) fn read(&self, id: &str, identity: Option<&str>) -> Result<FileRecord, Denied> {
        let record = self.find(id).ok_or(Denied::Missing)?;
        if identity.is_some_and(|identity| self.signer.verifies(id, identity, self.clock.now())) {
            return Ok(record);
        }
        match record.decision() {
            Decision::Allow => Ok(record),
            Decision::Forbid => Err(Denied::Forbidden),
            Decision::Hide => Err(Denied::Missing),
        }
    }

    /// The bytes behind a public or signed URL of this emulator. Blocks on the disk.
    pub(crate) fn bytes(&self, id: &str, identity: Option<&str>) -> Option<Vec<u8>> {
        self.read(id, identity).ok()?;
        fs::read(self.content(id)).ok()
    }

    /// Every file, in the order in which they were begun.
    pub(crate) fn all(&self) -> Vec<FileRecord> {
        let now = self.clock.now();
        self.lock().values().filter(|record| !record.has_expired(now)).cloned().collect()
    }

    /// Where the bytes of a file are.
    pub(super) fn content(&self, id: &str) -> PathBuf {
        self.state.files().join(format!("{id}.bin"))
    }

    /// Stores a video under the wishes of its submit, and the account's where it had none. Blocks on the disk.
    pub(crate) fn put_video(&self, video: &[u8], lifecycle: &Lifecycle) -> io::Result<FileRecord> {
        let draft = Draft::new(Some("output.mp4"), Some("video/mp4"), lifecycle.clone());
        self.put(draft, Incoming::of(&self.state, video)?)
    }

    /// Stores what a client sent, and counts it. Blocks on the disk.
    pub(super) fn put_upload(&self, draft: Draft, incoming: Incoming) -> io::Result<FileRecord> {
        let record = self.put(draft, incoming)?;
        self.uploads.fetch_add(1, Ordering::SeqCst);
        Ok(record)
    }

    fn put(&self, draft: Draft, incoming: Incoming) -> io::Result<FileRecord> {
        let account = self.account.settings();
        let record = FileRecord {
            size: incoming.size,
            uploaded_at: self.clock.now(),
            expires_at: draft.lifecycle.end(&account, &self.clock),
            acl: draft.lifecycle.acl(&account),
            ..draft.record
        };
        incoming.keep(&self.state, &self.content(&record.id))?;
        // The record comes second: a file without one does not exist.
        self.write(&record).inspect_err(|_| drop(fs::remove_file(self.content(&record.id))))?;
        self.lock().insert(record.id.clone(), record.clone());
        self.changed.notify_one();
        Ok(record)
    }

    /// Changes who may read a file; false where it is gone. Blocks on the disk.
    pub(super) fn set_acl(&self, id: &str, acl: Acl) -> io::Result<bool> {
        // The lock is held throughout, so that the record of a file that expires meanwhile does not come back.
        let mut index = self.lock();
        let Some(record) = index.get_mut(id) else { return Ok(false) };
        let changed = FileRecord { acl: Some(acl), ..record.clone() };
        self.write(&changed)?;
        *record = changed;
        Ok(true)
    }

    /// Deletes every expired file. Blocks on the disk.
    pub(super) fn sweep(&self) {
        let now = self.clock.now();
        let mut index = self.lock();
        let expired: Vec<String> =
            index.values().filter(|record| record.has_expired(now)).map(|record| record.id.clone()).collect();
        for id in expired {
            let _ = self.delete(&mut index, &id);
        }
    }

    /// Deletes a file before its time; one that is gone is fine. Blocks on the disk.
    pub(crate) fn remove(&self, id: &str) -> io::Result<()> {
        let mut index = self.lock();
        if index.contains_key(id) { self.delete(&mut index, id) } else { Ok(()) }
    }

    /// When the next file expires.
    pub(super) fn next_end(&self) -> Option<Timestamp> {
        self.lock().values().filter_map(|record| record.expires_at).min()
    }

    /// How many files clients have sent since the start.
    pub(crate) fn uploads(&self) -> usize {
        self.uploads.load(Ordering::SeqCst)
    }

    fn delete(&self, index: &mut BTreeMap<String, FileRecord>, id: &str) -> io::Result<()> {
        index.remove(id);
        // The record goes last: while it is there, the next start sees that the file has expired and tries again.
        match fs::remove_file(self.content(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::remove_file(self.record(id)),
        }
    }

    fn write(&self, record: &FileRecord) -> io::Result<()> {
        self.state.write_record(&self.record(&record.id), record)
    }

    fn record(&self, id: &str) -> PathBuf {
        self.state.files().join(format!("{id}.json"))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, FileRecord>> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
