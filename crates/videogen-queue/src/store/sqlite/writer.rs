//! The one thread that writes: many changes, one commit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use rusqlite::Connection;
use tokio::sync::oneshot;
use videogen_service::fault_point;

use super::StoreError;
use super::open::{self, Trouble};

/// The most changes that are committed at once.
const GROUP: usize = 256;

/// Does its work in the transaction of its group, unless that cannot be.
type Change = Box<dyn FnOnce(Result<&Connection, Failed>) -> Answer + Send>;

/// The answer to a change, which is given once its group is committed, or is not.
struct Answer {
    /// Whether what the change has written is to stay.
    stays: bool,
    give: Box<dyn FnOnce(Result<(), Failed>) + Send>,
}

/// What went wrong for a whole group.
#[derive(Debug, Clone, thiserror::Error)]
#[error("nothing of a group of changes was written")]
struct Failed(#[source] Arc<rusqlite::Error>);

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self(Arc::new(error))
    }
}

/// Hands changes to the thread, which ends when this is dropped and all changes are done.
#[derive(Debug)]
pub(super) struct Writer {
    changes: Sender<Change>,
    file: PathBuf,
}

impl Writer {
    /// Opens the file and starts the thread. Blocks.
    pub(super) fn start(file: &Path) -> Result<Self, Trouble> {
        let connection = open::writer(file)?;
        let (changes, received) = channel();
        let name = "videogen-tasks".to_owned();
        std::thread::Builder::new().name(name).spawn(move || write_all(&connection, &received))?;
        Ok(Self { changes, file: file.to_owned() })
    }

    /// Changes the database, all of it or nothing, and answers when that is on disk.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (teller, told) = oneshot::channel();
        let change: Change = Box::new(move |connection| {
            let done = connection.map_err(Trouble::from).and_then(work);
            let stays = done.is_ok();
            let give = Box::new(move |committed: Result<(), Failed>| {
                let result = match (done, committed) {
                    (Ok(_), Err(failed)) => Err(failed.into()),
                    (done, _) => done,
                };
                // Whoever asked may have gone; what is written is written.
                let _ = teller.send(result);
            });
            Answer { stays, give }
        });
        let gone = || StoreError::new("the thread that writes the task store has ended");
        self.changes.send(change).map_err(|_| gone())?;
        told.await.map_err(|_| gone())?.map_err(|trouble| trouble.told_of(&self.file))
    }
}

impl From<Failed> for Trouble {
    fn from(failed: Failed) -> Self {
        Self::Unusable(failed.into())
    }
}

fn write_all(connection: &Connection, changes: &Receiver<Change>) {
    while let Ok(first) = changes.recv() {
        let group = std::iter::once(first).chain(changes.try_iter().take(GROUP - 1));
        let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(Failed::from);
        let answers: Vec<Answer> = group
            .map(|change| match &begun {
                Ok(()) => one(connection, change),
                Err(failed) => change(Err(failed.clone())),
            })
            .collect();
        fault_point("tasks.commit", "before");
        let committed = begun.and_then(|()| {
            connection.execute_batch("COMMIT").map_err(|error| {
                // Nothing of it may be left for the next group to commit; it fails where nothing is left.
                let _ = connection.execute_batch("ROLLBACK");
                Failed::from(error)
            })
        });
        fault_point("tasks.commit", "after");
        for Answer { give, .. } in answers {
            give(committed.clone());
        }
    }
}

/// Does one change, so that what it has written before it failed is taken back alone.
fn one(connection: &Connection, change: Change) -> Answer {
    // On a full disk the database may have taken back the whole group; what follows must not be committed by itself.
    let begun = match connection.is_autocommit() {
        true => Err(rusqlite::Error::InvalidQuery),
        false => connection.execute_batch("SAVEPOINT one"),
    };
    if let Err(error) = begun {
        return change(Err(error.into()));
    }
    let Answer { stays, give } = change(Ok(connection));
    match connection.execute_batch(if stays { "RELEASE one" } else { "ROLLBACK TO one; RELEASE one" }) {
        Ok(()) => Answer { stays, give },
        Err(error) => Answer { stays: false, give: Box::new(move |_| give(Err(error.into()))) },
    }
}
