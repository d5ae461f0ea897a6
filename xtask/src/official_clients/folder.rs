//! Folders under `target` that are made once, and again when what they are made from has changed.

use std::{fs, path::Path, process::Command};

/// Holds what a folder was made from; written last, so that half a folder is made again.
const STAMP: &str = "made-from";

/// Makes the folder with `make`, unless it was made from the same `recipe` before.
pub(super) fn made_from(recipe: &str, folder: &Path, make: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let stamp = folder.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == recipe) {
        return Ok(());
    }
    emptied(folder)?;
    make()?;
    fs::write(&stamp, recipe).map_err(|error| cannot(&stamp, "written", &error))
}

/// An empty folder, whatever was there.
pub(super) fn emptied(folder: &Path) -> Result<(), String> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| cannot(folder, "removed", &error))?;
    }
    fs::create_dir_all(folder).map_err(|error| cannot(folder, "made", &error))
}

/// Copies the files of a folder, and no folders inside.
pub(super) fn copy_files(from: &Path, to: &Path) -> Result<(), String> {
    for entry in fs::read_dir(from).map_err(|error| cannot(from, "read", &error))? {
        let file = entry.map_err(|error| cannot(from, "read", &error))?.path();
        if let (true, Some(name)) = (file.is_file(), file.file_name()) {
            fs::copy(&file, to.join(name)).map_err(|error| cannot(&file, "copied", &error))?;
        }
    }
    Ok(())
}

/// The text of a file.
pub(super) fn text(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| cannot(file, "read", &error))
}

/// Runs a program to its end, with its output on the terminal.
pub(super) fn done(command: &mut Command) -> Result<(), String> {
    let line = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{line} failed ({status}); what it printed above says why.")),
        Err(error) => Err(format!("{line} could not be started: {error}.")),
    }
}

fn cannot(path: &Path, done: &str, error: &std::io::Error) -> String {
    format!("{} cannot be {done}: {error}.", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_again_only_when_its_recipe_changes_or_it_was_left_half_made() {
        let folder = std::env::temp_dir().join(format!("xtask-folder-{}", std::process::id()));
        let file = folder.join("file");
        let makes = |recipe: &str, content: &'static str| {
            made_from(recipe, &folder, || fs::write(&file, content).map_err(|error| error.to_string()))
        };
        let content = || fs::read_to_string(&file).unwrap_or_default();
        makes("lock 1", "first").expect("can be made");
        makes("lock 1", "second").expect("is there");
        assert_eq!(content(), "first");
        made_from("lock 2", &folder, || Err("no network".into())).expect_err("was not made");
        makes("lock 2", "third").expect("can be made");
        assert_eq!(content(), "third");
        fs::remove_dir_all(&folder).expect("can be removed");
    }
}
