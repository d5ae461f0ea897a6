//! The videos that are kept, with what is known of each.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use videogen_domain::{Failure, FailureKind, Recovery, UnixMillis, nearest};

use crate::{AssetStore, Books, KeptVideo, OpenVideo, Sidecar, error_chain};

/// How many sidecars are read at a time.
const AT_ONCE: usize = 16;

/// The videos of an asset store, with what their sidecars tell. Other files of the same place are not touched: what has
/// no sidecar of ours beside it is not ours.
#[derive(Debug, Clone)]
pub struct Library {
    assets: Arc<dyn AssetStore>,
    books: Option<Arc<dyn Books>>,
}

/// One video of a library.
#[derive(Debug, Clone, PartialEq)]
pub struct LibraryVideo {
    /// Its file.
    pub file: KeptVideo,
    /// What it was made of, and what it cost.
    pub sidecar: Sidecar,
}

impl Library {
    /// The videos that are kept there.
    pub fn new(assets: Arc<dyn AssetStore>) -> Self {
        Self { assets, books: None }
    }

    /// Tells these books of every video that is deleted.
    pub fn with_books(mut self, books: Arc<dyn Books>) -> Self {
        self.books = Some(books);
        self
    }

    /// All videos, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn videos(&self) -> Result<Vec<LibraryVideo>, Failure> {
        let files = self.assets.list().await?;
        let read = files.into_iter().map(|file| async {
            let text = self.assets.sidecar(&file.name).await?;
            let sidecar = text.as_deref().and_then(Sidecar::parse);
            Ok(sidecar.map(|sidecar| LibraryVideo { file, sidecar }))
        });
        futures::stream::iter(read).buffered(AT_ONCE).try_filter_map(|video| async { Ok(video) }).try_collect().await
    }

    /// A video, to be read from its beginning.
    ///
    /// # Errors
    /// When there is no such video, with the nearest name, or it cannot be read.
    pub async fn open(&self, name: &str) -> Result<OpenVideo, Failure> {
        self.sidecar(name).await?;
        match self.assets.open(name).await? {
            Some(video) => Ok(video),
            None => Err(self.no_video(name).await),
        }
    }

    /// Deletes a video with its sidecar, and tells the books. What it cost stays in the books. A deletion that is cut off
    /// is finished when it is asked for again.
    ///
    /// # Errors
    /// When there is no such video, with the nearest name, or it cannot be deleted.
    pub async fn delete(&self, name: &str) -> Result<Sidecar, Failure> {
        let sidecar = self.sidecar(name).await?;
        self.assets.delete(name).await?;
        if let (Some(books), Some(request_id)) = (&self.books, &sidecar.request_id) {
            let now = UnixMillis(jiff::Timestamp::now().as_millisecond());
            let told = books.asset_deleted(request_id, name, now).await;
            told.map_err(|error| {
                Failure::new(FailureKind::Record, error.recovery(), error_chain(&error), error.advice())
            })?;
        }
        // Last, because a deletion is taken up again by it.
        self.assets.delete_sidecar(name).await?;
        Ok(sidecar)
    }

    /// The sidecar of a video of ours.
    async fn sidecar(&self, name: &str) -> Result<Sidecar, Failure> {
        let text = self.assets.sidecar(name).await?;
        match text.as_deref().and_then(Sidecar::parse) {
            Some(sidecar) => Ok(sidecar),
            None => Err(self.no_video(name).await),
        }
    }

    async fn no_video(&self, name: &str) -> Failure {
        let files = self.assets.list().await.unwrap_or_default();
        let near = nearest(name, files.iter().map(|file| file.name.as_str()));
        let advice = match near {
            Some(near) => format!("Did you mean {near}?"),
            None => "List the videos to see what there is.".to_owned(),
        };
        let message = format!("there is no video {name} with a sidecar of ours here");
        Failure::new(FailureKind::InvalidRequest, Recovery::Never, message, advice)
    }
}
