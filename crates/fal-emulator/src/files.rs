//! The files of the CDN: uploads and rendered videos, on disk, with an index in memory.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Error;
use crate::state_dir::{StateDir, read_record, records};

/// The longest file name that is kept, in characters.
const NAME_LIMIT: usize = 100;

/// What is known of a file besides its bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FileRecord {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) content_type: String,
    /// Bytes.
    pub(crate) size: u64,
}

impl FileRecord {
    /// A record for a file that is still to come: a fresh id, since each upload gets a URL of its own, as on fal.
    pub(crate) fn fresh(name: &str, content_type: &str) -> Self {
        let id = Uuid::now_v7().simple().to_string();
        Self { id, name: plain_name(name), content_type: content_type.to_owned(), size: 0 }
    }

    /// The path under the CDN's base URL.
    pub(crate) fn path(&self) -> String {
        format!("/files/b/{}/{}", self.id, self.name)
    }
}

/// All files of one emulator.
pub(crate) struct Files {
    state: Arc<StateDir>,
    index: Mutex<HashMap<String, FileRecord>>,
    uploads: AtomicUsize,
}

impl Files {
    pub(crate) fn open(state: Arc<StateDir>) -> Result<Self, Error> {
        let mut index = HashMap::new();
        for path in records(&state.files())? {
            let record: FileRecord = read_record(&path)?;
            index.insert(record.id.clone(), record);
        }
        Ok(Self { state, index: Mutex::new(index), uploads: AtomicUsize::new(0) })
    }

    pub(crate) fn find(&self, id: &str) -> Option<FileRecord> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Where the bytes of a file are.
    pub(crate) fn content(&self, id: &str) -> PathBuf {
        self.state.files().join(format!("{id}.bin"))
    }

    /// Stores a file. Blocks on the disk.
    pub(crate) fn put(&self, mut record: FileRecord, bytes: &[u8]) -> io::Result<FileRecord> {
        record.size = bytes.len() as u64;
        self.state.write(&self.content(&record.id), bytes)?;
        // The record comes second: a file without one does not exist.
        let text = serde_json::to_vec_pretty(&record).map_err(io::Error::other)?;
        self.state.write(&self.state.files().join(format!("{}.json", record.id)), &text)?;
        self.index.lock().unwrap_or_else(PoisonError::into_inner).insert(record.id.clone(), record.clone());
        Ok(record)
    }

    pub(crate) fn count_upload(&self) {
        self.uploads.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn uploads(&self) -> usize {
        self.uploads.load(Ordering::SeqCst)
    }
}

/// A name that is safe in a URL; the file on disk is named by its id alone.
fn plain_name(name: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let plain: String = name.chars().take(NAME_LIMIT).map(allowed).collect();
    if plain.trim_matches(['.', '_']).is_empty() { "file".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe_for_a_url() {
        assert_eq!(plain_name("my picture (1).png"), "my_picture__1_.png");
        assert_eq!(plain_name("../.."), "file");
        assert_eq!(plain_name(".."), "file");
        assert_eq!(plain_name(""), "file");
        assert_eq!(plain_name(&"x".repeat(500)).len(), NAME_LIMIT);
    }
}
