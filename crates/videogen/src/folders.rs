//! The user's folders, where nothing else is set.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use videogen_service::SqliteBooks;

use crate::{Config, ConfigSources, Error};

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

impl Config {
    /// Where money and projects are written down: `videogen.sqlite` in the data folder. What the built-in emulator makes
    /// costs nothing and is written down apart, in the cache folder.
    ///
    /// # Errors
    /// When it is not known where the user's files are, or half a key is set.
    pub fn books(&self, sources: &ConfigSources) -> Result<SqliteBooks, Error> {
        let emulated = cfg!(feature = "emulator") && sources.environment().credentials()?.is_none();
        let folder = if emulated { cache(self)?.join("emulator") } else { data(self)? };
        Ok(SqliteBooks::at(folder.join("videogen.sqlite")))
    }
}
