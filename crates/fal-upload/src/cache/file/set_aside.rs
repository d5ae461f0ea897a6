//! Moves a damaged cache out of the way. Blocks.

use std::io;
use std::path::{Path, PathBuf};

/// So many damaged files are kept. With more of them, something is wrong that another file does not mend.
const MOST: u32 = 9;

/// Gives a file another name, together with what SQLite has written beside it, and says which. The file comes last: after
/// a crash in between it is still there, and is looked at again.
pub(super) fn set_aside(file: &Path) -> io::Result<PathBuf> {
    let free = (1..=MOST).map(|number| beside(file, &format!(".damaged-{number}"))).find(|place| !place.exists());
    let place = free.ok_or_else(|| io::Error::other(format!("{MOST} damaged files are beside it already")))?;
    for ending in ["-wal", "-shm", ""] {
        match std::fs::rename(beside(file, ending), beside(&place, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(place)
}

/// The path with something at its end.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
