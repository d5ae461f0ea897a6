//! The one connection of a cache to its file.

use jiff::Timestamp;
use rusqlite::Connection;

use super::trouble::Trouble;
use super::{Settings, open, rows};

/// The file is swept with the first write, and after so many more of them each time.
pub(super) const SWEPT_EVERY: u32 = 1_000;

/// The connection to the file: opened when it is first needed, and anew after whatever has gone wrong with it.
#[derive(Debug, Default)]
pub(super) struct Link {
    connection: Option<Connection>,
    /// Whether damage was seen, so that all of the file is looked at before it is used again.
    suspect: bool,
    writes: u32,
}

impl Link {
    /// Does something with the file. Blocks.
    pub(super) fn run<T>(
        &mut self,
        settings: &Settings,
        work: impl FnOnce(&Connection, Timestamp) -> rusqlite::Result<T>,
    ) -> Result<T, Trouble> {
        let result = self.attempt(settings, work);
        if let Err(trouble) = &result {
            self.connection = None;
            self.suspect |= trouble.is_damage();
        }
        result
    }

    /// The same for what adds to the file. Blocks.
    pub(super) fn write<T>(
        &mut self,
        settings: &Settings,
        work: impl FnOnce(&Connection, Timestamp) -> rusqlite::Result<T>,
    ) -> Result<T, Trouble> {
        let result = self.run(settings, work)?;
        if self.writes.is_multiple_of(SWEPT_EVERY)
            && let Err(trouble) = self.run(settings, |connection, now| rows::sweep(connection, now, settings.limits))
        {
            tracing::debug!(error = &trouble as &dyn std::error::Error, "the upload cache is swept another time");
        }
        self.writes = self.writes.wrapping_add(1);
        Ok(result)
    }

    fn attempt<T>(
        &mut self,
        settings: &Settings,
        work: impl FnOnce(&Connection, Timestamp) -> rusqlite::Result<T>,
    ) -> Result<T, Trouble> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(open::open(&settings.file, self.suspect)?),
        };
        self.suspect = false;
        Ok(work(connection, (settings.now)())?)
    }
}
