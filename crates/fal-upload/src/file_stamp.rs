//! What the system says of a file without reading it.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{ContentHash, Source};

/// A file whose last change is younger may be changed again without showing it: some file systems count in seconds.
const REST: Duration = Duration::from_secs(2);

/// What the system says of a file without reading it. As long as it says the same, the content is the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct FileStamp {
    /// Where it is, with all links followed.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last written to.
    pub modified: SystemTime,
    /// The numbers of its device and its inode, where the system has them: another file that takes its place has others.
    pub inode: Option<(u64, u64)>,
}

impl FileStamp {
    /// Asks the system; `None` for what is no file, or has no time. Blocks.
    pub(crate) fn of(source: &Source) -> Option<Self> {
        let Source::Path(path) = source else { return None };
        let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        Some(Self {
            path: std::fs::canonicalize(path).ok()?,
            bytes: metadata.len(),
            modified: metadata.modified().ok()?,
            inode: inode(&metadata),
        })
    }

    pub(crate) fn has_rested_before(&self, time: SystemTime) -> bool {
        self.modified.checked_add(REST).is_some_and(|rested| rested <= time)
    }

    /// One name for all of it, for caches.
    pub fn digest(&self) -> ContentHash {
        let modified = match self.modified.duration_since(UNIX_EPOCH) {
            Ok(after) => format!("{after:?}"),
            Err(before) => format!("-{:?}", before.duration()),
        };
        let facts = format!("{}\n{modified}\n{:?}\n", self.bytes, self.inode);
        ContentHash::of(&[facts.as_bytes(), bytes_of(&self.path)].concat())
    }
}

#[cfg(unix)]
fn inode(metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}

fn bytes_of(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_a_stamp_makes_a_difference() {
        let stamp = FileStamp {
            path: "/a".into(),
            bytes: 1,
            modified: UNIX_EPOCH + Duration::from_nanos(1_000_000_001),
            inode: Some((1, 2)),
        };
        let others = [
            FileStamp { path: "/b".into(), ..stamp.clone() },
            FileStamp { bytes: 2, ..stamp.clone() },
            FileStamp { modified: UNIX_EPOCH + Duration::from_nanos(1_000_000_002), ..stamp.clone() },
            FileStamp { modified: UNIX_EPOCH - Duration::from_nanos(1_000_000_001), ..stamp.clone() },
            FileStamp { inode: Some((1, 3)), ..stamp.clone() },
            FileStamp { inode: None, ..stamp.clone() },
        ];
        assert_eq!(stamp.digest(), stamp.clone().digest());
        assert!(others.iter().all(|other| other.digest() != stamp.digest()));
    }

    #[test]
    fn a_file_that_was_just_written_has_not_rested() {
        let stamp = FileStamp { path: "/a".into(), bytes: 1, modified: UNIX_EPOCH + REST, inode: None };
        assert!(!stamp.has_rested_before(UNIX_EPOCH + REST));
        assert!(stamp.has_rested_before(UNIX_EPOCH + 2 * REST));
    }
}
