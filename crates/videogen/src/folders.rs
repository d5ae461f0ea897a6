//! The user's folders, where nothing else is set.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use etcetera::BaseStrategy;
use videogen_queue::{MemoryTaskStore, SqliteTaskStore, TaskStore};
use videogen_service::{AssetStore, Library, SqliteBooks, asset_store_at};

use crate::{Config, ConfigSources, DatabaseUrl, Error, TaskStorePlace};

/// The folder for what can be made again.
pub(crate) fn cache(config: &Config) -> Result<PathBuf, Error> {
    match &config.cache_folder {
        Some(folder) => Ok(folder.clone()),
        None => Ok(home("VIDEO_GEN_CACHE_DIR")?.cache_dir().join("videogen")),
    }
}

/// The folder for what cannot be made again.
fn data(config: &Config) -> Result<PathBuf, Error> {
    match &config.data_folder {
        Some(folder) => Ok(folder.clone()),
        None => Ok(home("VIDEO_GEN_DATA_DIR")?.data_dir().join("videogen")),
    }
}

fn home(set: &'static str) -> Result<impl BaseStrategy, Error> {
    etcetera::choose_base_strategy().map_err(|_| Error::NoHome { set })
}

#[cfg(feature = "postgres")]
fn postgres(url: &DatabaseUrl, lease: Duration) -> Result<Arc<dyn TaskStore>, Error> {
    let store = videogen_queue::PostgresTaskStore::with_lease(url.expose(), lease).map_err(Error::Tasks)?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_url: &DatabaseUrl, _lease: Duration) -> Result<Arc<dyn TaskStore>, Error> {
    let error = videogen_queue::StoreError::new("this program was built without PostgreSQL");
    Err(Error::Tasks(error.with_advice("Build it with the feature postgres, or set queue.store to a file.")))
}

impl Config {
    /// Where money and projects are written down: `videogen.sqlite` in the data folder. What the built-in emulator makes
    /// costs nothing and is written down apart, in the cache folder.
    ///
    /// # Errors
    /// When it is not known where the user's files are, or half a key is set.
    pub fn books(&self, sources: &ConfigSources) -> Result<SqliteBooks, Error> {
        Ok(SqliteBooks::at(self.accounts(sources)?.join("videogen.sqlite")))
    }

    /// Where tasks are kept: at the configured place, or `tasks.sqlite` beside the [books](Self::books).
    ///
    /// # Errors
    /// As [`books`](Self::books), or when the address of a database cannot be used.
    pub fn tasks(&self, sources: &ConfigSources) -> Result<Arc<dyn TaskStore>, Error> {
        Ok(match &self.task_store {
            TaskStorePlace::Memory => Arc::new(MemoryTaskStore::default()),
            TaskStorePlace::File(file) => Arc::new(SqliteTaskStore::at(file)),
            TaskStorePlace::Postgres(url) => postgres(url, self.lease)?,
            TaskStorePlace::DataFolder => Arc::new(SqliteTaskStore::at(self.accounts(sources)?.join("tasks.sqlite"))),
        })
    }

    /// The folder of tasks and books.
    fn accounts(&self, sources: &ConfigSources) -> Result<PathBuf, Error> {
        let emulated = cfg!(feature = "emulator") && sources.environment().credentials()?.is_none();
        if emulated { Ok(cache(self)?.join("emulator")) } else { data(self) }
    }

    /// The videos that are kept at `location`, a path or an address as in the setting `assets.location`; `None`: at the
    /// configured one. What is deleted there is told to [`books`](Self::books).
    ///
    /// # Errors
    /// When the address cannot be used, or as [`books`](Self::books).
    pub fn library(&self, location: Option<&str>, sources: &ConfigSources) -> Result<Library, Error> {
        let assets = self.assets(location, sources)?;
        Ok(Library::new(assets).with_books(Arc::new(self.books(sources)?)))
    }

    pub(crate) fn assets(&self, location: Option<&str>, sources: &ConfigSources) -> Result<Arc<dyn AssetStore>, Error> {
        let location = location.unwrap_or(&self.assets_location);
        asset_store_at(location, sources.environment().of_clouds()).map_err(Error::Assets)
    }
}
