//! The files of the repository with their texts, read once and handed to every rule.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

/// Repository files by path: relative to the root, with `/` between the parts.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// `None` where the content is not UTF-8 text.
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// Reads what git tracks or would offer to add; without git, every file outside `target` and `.git`.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let paths = match listed_by_git(root) {
            Some(paths) => paths,
            None => {
                let mut paths = Vec::new();
                walk(root, "", &mut paths)?;
                paths
            }
        };
        let mut tree = Self::default();
        for path in paths {
            let file = root.join(&path);
            // Git still lists a file that was deleted and not yet committed.
            if file.is_file() {
                let content = fs::read(&file).map_err(|error| format!("{path} cannot be read: {error}"))?;
                tree.files.insert(path, String::from_utf8(content).ok());
            }
        }
        Ok(tree)
    }

    /// Every text file as path and content, in order of path.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// The content of one text file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Is `path` a file, or a folder with a file somewhere inside? The empty path is the root.
    pub(crate) fn contains(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        path.is_empty() || self.files.contains_key(path) || self.files.keys().any(|file| file.starts_with(&folder))
    }

    /// The folders of the packages: `crates/…`, `tests` and `xtask`, in order of name.
    pub(crate) fn packages(&self) -> Vec<&str> {
        let folders = self.files.keys().filter_map(|path| path.strip_suffix("/Cargo.toml"));
        folders.filter(|folder| in_crates(folder) || ["tests", "xtask"].contains(folder)).collect()
    }
}

/// Is this folder one of `crates/*` or `tests/*`?
fn in_crates(folder: &str) -> bool {
    let name = folder.strip_prefix("crates/").or_else(|| folder.strip_prefix("tests/"));
    name.is_some_and(|name| !name.contains('/'))
}

/// `None` where git is not installed, or where the root is not part of a repository that knows it.
fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let answer = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .ok()?;
    let listed = String::from_utf8(answer.stdout).ok().filter(|_| answer.status.success())?;
    let paths: Vec<String> = listed.split_terminator('\0').map(str::to_owned).collect();
    paths.iter().any(|path| path == "Cargo.toml").then_some(paths)
}

fn walk(folder: &Path, prefix: &str, paths: &mut Vec<String>) -> Result<(), String> {
    let unreadable = |error| format!("{} cannot be read: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(unreadable)?.is_file() {
            paths.push(path);
        } else if ![".git", "target"].contains(&path.as_str()) {
            walk(&entry.path(), &format!("{path}/"), paths)?;
        }
    }
    Ok(())
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        Self { files: files.map(|(path, text)| (path.to_owned(), Some(text.to_owned()))).into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::root;

    #[test]
    fn git_and_a_walk_see_this_file() {
        let mut walked = Vec::new();
        walk(&root(), "", &mut walked).expect("the workspace can be read");
        assert!(walked.contains(&"xtask/src/tidy/tree.rs".to_owned()));
        assert!(!walked.iter().any(|path| path.starts_with("target/") || path.starts_with(".git/")));
        let tree = Tree::read(&root()).expect("the workspace can be read");
        assert!(
            tree.text("xtask/src/tidy/tree.rs").is_some_and(|text| text.contains("fn git_and_a_walk_see_this_file"))
        );
    }

    #[test]
    fn a_folder_is_contained_when_a_file_is_in_it() {
        let tree = Tree::from([("docs/a/b.md", "")]);
        assert!(["docs", "docs/", "docs/a", "docs/a/b.md", ""].iter().all(|path| tree.contains(path)));
        assert!(!tree.contains("doc") && !tree.contains("docs/a/b.md/c"));
    }

    #[test]
    fn packages_are_the_folders_of_crates_and_tests_and_the_two_beside_them() {
        let tree = Tree::from([
            ("Cargo.toml", ""),
            ("crates/one/Cargo.toml", ""),
            ("crates/one/fuzz/Cargo.toml", ""),
            ("tests/Cargo.toml", ""),
            ("tests/one/Cargo.toml", ""),
        ]);
        assert_eq!(tree.packages(), ["crates/one", "tests", "tests/one"]);
    }
}
