//! The folders that pictures may come from when somebody else names them.

use std::path::{Path, PathBuf};

use videogen_domain::{ImageInput, Violation, ViolationCode};

use crate::Error;

/// The folders that pictures may come from when somebody else names them: an agent, or whoever calls a server. The
/// default is none.
///
/// A relative path is looked up in each folder, in their order. Where a path leads is asked of the system, so that
/// neither `..` nor a link leads out; and a file outside is answered like one that is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedFolders(Vec<PathBuf>);

impl AllowedFolders {
    /// These folders and everything below them.
    ///
    /// # Errors
    /// [`Error::Folder`] for the first that is not a folder or cannot be looked at.
    pub fn new(folders: impl IntoIterator<Item = impl Into<PathBuf>>) -> Result<Self, Error> {
        folders.into_iter().map(|folder| resolved_folder(folder.into())).collect::<Result<_, _>>().map(Self)
    }

    /// The folders, as the system names them.
    pub fn iter(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(PathBuf::as_path)
    }

    /// Puts the place that a path leads to in its stead, if that is below one of the folders at this moment; what is
    /// wrong is told of `field`. Other pictures than paths stay as they are.
    pub(crate) async fn confine(&self, field: &str, image: &mut ImageInput) -> Result<(), Violation> {
        if let ImageInput::Path(path) = image {
            *path = self.resolve(field, path).await?;
        }
        Ok(())
    }

    /// Where a path leads, if that is below one of the folders at this moment.
    async fn resolve(&self, field: &str, path: &Path) -> Result<PathBuf, Violation> {
        if path.as_os_str().is_empty() {
            return Err(Violation::new(field, ViolationCode::UnusableImage, "no picture is given"));
        }
        for folder in &self.0 {
            if let Ok(place) = tokio::fs::canonicalize(folder.join(path)).await
                && self.0.iter().any(|allowed| place.starts_with(allowed))
            {
                return Ok(place);
            }
        }
        let message = if self.0.is_empty() {
            "a picture cannot be given by its path here".to_owned()
        } else {
            format!("there is no file {} in the folders that pictures may come from", path.display())
        };
        Err(Violation::new(field, ViolationCode::NotAllowed, message))
    }
}

fn resolved_folder(folder: PathBuf) -> Result<PathBuf, Error> {
    let refused = |source| Error::Folder { folder: folder.display().to_string(), source };
    let place = folder.canonicalize().map_err(refused)?;
    if place.is_dir() { Ok(place) } else { Err(refused(std::io::ErrorKind::NotADirectory.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<PathBuf, Violation>) -> String {
        result.unwrap_err().message
    }

    #[tokio::test]
    async fn a_path_is_looked_up_in_each_folder_and_leads_nowhere_else() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().canonicalize().unwrap();
        for folder in ["one", "two", "one-more"] {
            std::fs::create_dir(root.join(folder)).unwrap();
            std::fs::write(root.join(folder).join(format!("{folder}.png")), "x").unwrap();
        }
        let folders = AllowedFolders::new([root.join("one"), root.join("two/../two")]).unwrap();
        for inside in ["one.png", "two.png", "./one.png", "../two/two.png"] {
            let place = folders.resolve("image", Path::new(inside)).await.unwrap();
            assert_eq!(place.parent().unwrap().parent(), Some(root.as_path()), "{inside}");
        }
        assert!(folders.resolve("image", &root.join("two/two.png")).await.is_ok(), "an absolute path below a folder");
        let outside = ["../one-more/one-more.png", "../nothing.png", "nothing.png", "../one-more"];
        for path in outside.map(PathBuf::from).into_iter().chain([root.join("one-more/one-more.png"), "/".into()]) {
            let message = message(folders.resolve("image", &path).await);
            let expected = format!("there is no file {} in the folders that pictures may come from", path.display());
            assert_eq!(message, expected, "what is outside looks like what is not there");
        }
        assert_eq!(message(folders.resolve("image", Path::new("")).await), "no picture is given");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_leads_out_no_more_than_a_path() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(outer.path().join("secret.png"), "x").unwrap();
        std::fs::write(inner.join("still.png"), "x").unwrap();
        for (target, link) in [("../secret.png", "file.png"), ("..", "folder"), ("still.png", "same.png")] {
            std::os::unix::fs::symlink(target, inner.join(link)).unwrap();
        }
        let folders = AllowedFolders::new([&inner]).unwrap();
        for path in ["file.png", "folder/secret.png", "folder"] {
            assert!(folders.resolve("image", Path::new(path)).await.is_err(), "{path}");
        }
        let place = folders.resolve("image", Path::new("same.png")).await.unwrap();
        assert_eq!(place, inner.canonicalize().unwrap().join("still.png"));
    }

    #[tokio::test]
    async fn by_default_no_path_is_allowed_and_a_folder_must_be_one() {
        let message = message(AllowedFolders::default().resolve("image", Path::new("a.png")).await);
        assert_eq!(message, "a picture cannot be given by its path here");
        let file = tempfile::NamedTempFile::new().unwrap();
        for wrong in [file.path(), Path::new("no-such-folder")] {
            let error = AllowedFolders::new([wrong]).unwrap_err();
            assert!(error.to_string().contains(&wrong.display().to_string()), "{error}");
        }
    }
}
