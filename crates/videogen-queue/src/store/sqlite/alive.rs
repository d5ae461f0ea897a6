//! Which processes live: each holds a file locked, and the system lets go of it when the process dies, however it dies.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::open::make_private;

/// The mark of this process. As long as it is held, its tasks are its own.
#[derive(Debug)]
pub(super) struct Mark {
    owner: String,
    path: PathBuf,
    _locked: File,
}

/// What the name of a mark begins with before it has its own.
const NAMELESS: &str = "new-";

/// The folder of the marks of all processes that share a file.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    let mut folder = file.as_os_str().to_owned();
    folder.push(".owners");
    PathBuf::from(folder)
}

impl Mark {
    /// Sets the mark of this process. Blocks for a moment.
    pub(super) fn set(folder: &Path) -> io::Result<Self> {
        make_private(folder)?;
        let owner = uuid::Uuid::now_v7().to_string();
        let path = folder.join(&owner);
        // Locked before it has its name: under that name it is never seen free while this process lives.
        let new = tempfile::NamedTempFile::with_prefix_in(NAMELESS, folder)?;
        new.as_file().lock()?;
        let locked = new.persist_noclobber(&path)?;
        Ok(Self { owner, path, _locked: locked })
    }

    /// The name of this process, which no other ever has.
    pub(super) fn owner(&self) -> &str {
        &self.owner
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        // Where it cannot be removed it is unlocked by closing it, which says the same.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether the process of that name lives. Where that cannot be told it does: its tasks are left to it.
pub(super) fn lives(folder: &Path, owner: &str) -> bool {
    match File::open(folder.join(owner)) {
        // Shared, so that two who ask at once do not take each other for the owner.
        Ok(file) => file.try_lock_shared().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Removes what processes that have died have left. Their tasks are found by their names all the same.
pub(super) fn sweep(folder: &Path, own: &str) {
    let Ok(marks) = std::fs::read_dir(folder) else { return };
    for mark in marks.flatten() {
        let name = mark.file_name();
        if let Some(owner) = name.to_str()
            && owner != own
            && !owner.starts_with(NAMELESS)
            && !lives(folder, owner)
        {
            let _ = std::fs::remove_file(mark.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_lives_until_it_lets_go_of_its_mark() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("owners");
        assert!(!lives(&folder, "never seen"));
        let mark = Mark::set(&folder).unwrap();
        let owner = mark.owner().to_owned();
        assert!(lives(&folder, &owner));
        drop(mark);
        assert!(!lives(&folder, &owner));
        std::fs::write(folder.join("killed"), "").unwrap();
        assert!(!lives(&folder, "killed"), "a mark that nobody holds");
    }

    /// A process that is taken for dead while it lives would have its tasks made by two.
    #[test]
    fn nobody_is_taken_for_dead_while_others_begin_look_and_sweep() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("owners");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let mark = Mark::set(&folder).unwrap();
                        sweep(&folder, mark.owner());
                        assert!(lives(&folder, mark.owner()));
                    }
                });
            }
        });
        let left = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(left, 0, "each has taken its mark away");
    }

    #[test]
    fn of_the_dead_everybody_who_looks_at_once_knows() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("killed"), "").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..200).for_each(|_| assert!(!lives(folder.path(), "killed"))));
            }
        });
    }
}
