//! Tasks in an SQLite file.

mod alive;
mod open;
mod rows;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{OnceCell, watch};
use tokio::time::timeout;
use videogen_domain::{Failure, Generation, GenerationEvent};

use self::alive::Mark;
use self::open::Trouble;
use self::rows::Row;
use self::writer::Writer;
use super::{EventFilter, KeptTask, NewTask, Owner, StoreError, TaskEvent, TaskFilter, TaskStore, key_of};
use crate::TaskId;

/// How long after a look at what other processes write the next one is taken.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Keeps tasks in an SQLite file, which the processes of one machine may share. Cheap to clone.
///
/// The file is made, with its folder, when it is used for the first time. One thread writes for all callers of a process
/// and commits their changes in groups; each change is on disk when its call returns. Beside the file is the folder
/// `<file>.owners`, in which each process that uses it holds a file locked: it is known to be dead as soon as it is.
/// A file on a network is not supported, because locks do not hold there.
#[derive(Debug, Clone)]
pub struct SqliteTaskStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: PathBuf,
    opened: OnceCell<Opened>,
    readers: Mutex<Vec<Connection>>,
    /// Told whenever this process has written.
    written: watch::Sender<()>,
}

#[derive(Debug)]
struct Opened {
    writer: Writer,
    mark: Mark,
}

impl SqliteTaskStore {
    /// Tasks in this file.
    pub fn at(file: impl Into<PathBuf>) -> Self {
        let (opened, readers, written) = (OnceCell::new(), Mutex::default(), watch::Sender::new(()));
        Self(Arc::new(Inner { file: file.into(), opened, readers, written }))
    }

    async fn opened(&self) -> Result<&Opened, StoreError> {
        let open = || async {
            let inner = Arc::clone(&self.0);
            blocking(move || inner.open().map_err(|trouble| trouble.told_of(&inner.file))).await
        };
        self.0.opened.get_or_try_init(open).await
    }

    /// Changes what is kept, in the name of this process.
    async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &str) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Opened { writer, mark } = self.opened().await?;
        let owner = mark.owner().to_owned();
        let done = writer.change(move |connection| work(connection, &owner)).await;
        self.0.written.send_replace(());
        done
    }

    /// Reads beside the writer, on a thread that may wait for the disk.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &Eyes) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, StoreError> {
        let eyes = Eyes { own: self.opened().await?.mark.owner().to_owned(), folder: alive::folder_of(&self.0.file) };
        let inner = Arc::clone(&self.0);
        blocking(move || inner.read(|connection| work(connection, &eyes))).await
    }
}

/// Sees whose a task is.
struct Eyes {
    own: String,
    folder: PathBuf,
}

impl Eyes {
    fn kept(&self, row: Row) -> KeptTask {
        let owner = self.owner(row.owner.as_deref());
        KeptTask { generation: row.generation, held: row.held, owner }
    }

    fn owner(&self, owner: Option<&str>) -> Owner {
        match owner {
            Some(owner) if owner == self.own => Owner::ThisProcess,
            Some(owner) if alive::lives(&self.folder, owner) => Owner::OtherProcess,
            _ => Owner::Nobody,
        }
    }
}

impl Inner {
    fn open(&self) -> Result<Opened, Trouble> {
        let writer = Writer::start(&self.file)?;
        let folder = alive::folder_of(&self.file);
        let mark = Mark::set(&folder)?;
        alive::sweep(&folder, mark.owner());
        Ok(Opened { writer, mark })
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Trouble>) -> Result<T, StoreError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let read = match idle {
            Some(connection) => Ok(connection),
            None => open::reader(&self.file),
        }
        .and_then(|connection| {
            // One moment of the file, whatever is written meanwhile.
            let moment = connection.unchecked_transaction()?;
            let read = work(&moment)?;
            drop(moment);
            self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            Ok(read)
        });
        read.map_err(|trouble| trouble.told_of(&self.file))
    }
}

/// Runs what blocks on a thread where it may. A panic there goes on here.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(StoreError::new("the program is ending").with_source(error)),
        },
    }
}

#[async_trait::async_trait]
impl TaskStore for SqliteTaskStore {
    async fn insert(&self, task: &NewTask) -> Result<bool, StoreError> {
        let task = task.clone();
        self.change(move |tasks, owner| rows::insert(tasks, owner, &task)).await
    }

    async fn append(&self, id: &TaskId, event: &GenerationEvent) -> Result<(), StoreError> {
        let (id, event) = (id.clone(), event.clone());
        self.change(move |tasks, owner| rows::append(tasks, owner, &id, event)).await
    }

    async fn hold(&self, id: &TaskId, failure: &Failure) -> Result<(), StoreError> {
        let (id, failure) = (id.clone(), failure.clone());
        self.change(move |tasks, owner| rows::hold(tasks, owner, &id, &failure)).await
    }

    async fn load(&self, id: &TaskId) -> Result<Option<KeptTask>, StoreError> {
        let id = id.clone();
        self.read(move |tasks, eyes| Ok(rows::one(tasks, &id)?.map(|row| eyes.kept(row)))).await
    }

    async fn list(&self, filter: &TaskFilter) -> Result<Vec<(TaskId, KeptTask)>, StoreError> {
        let filter = filter.clone();
        self.read(move |tasks, eyes| {
            let mut listed = Vec::new();
            for id in rows::listed(tasks, &filter)? {
                listed.extend(rows::one(tasks, &id)?.map(|row| (id, eyes.kept(row))));
            }
            Ok(listed)
        })
        .await
    }

    async fn claim(&self, id: &TaskId, place: &str) -> Result<Option<Generation>, StoreError> {
        let of_row = id.clone();
        let found = self
            .read(move |tasks, eyes| {
                let owner = rows::owner(tasks, &of_row)?.flatten();
                let free = owner.filter(|owner| eyes.owner(Some(owner)) != Owner::OtherProcess);
                Ok(free)
            })
            .await?;
        // Whoever is dead stays dead; of many who find that out, one takes the task.
        let Some(before) = found else { return Ok(None) };
        let (id, place) = (id.clone(), place.to_owned());
        self.change(move |tasks, owner| rows::claim(tasks, owner, &id, &before, &place)).await
    }

    async fn release(&self, id: &TaskId) -> Result<(), StoreError> {
        let id = id.clone();
        self.change(move |tasks, owner| rows::release(tasks, owner, &id)).await
    }

    async fn abandoned(&self) -> Result<Vec<(TaskId, String)>, StoreError> {
        self.read(|tasks, eyes| {
            let mut abandoned = rows::owned(tasks)?;
            // Each owner is looked for once, however many tasks it has.
            let mut owners = HashMap::new();
            abandoned.retain(|(_, _, owner)| {
                *owners.entry(owner.clone()).or_insert_with(|| eyes.owner(Some(owner))) == Owner::Nobody
            });
            Ok(abandoned.into_iter().map(|(id, place, _)| (id, place)).collect())
        })
        .await
    }

    async fn unfinished_of(&self, fingerprint: &str) -> Result<Vec<TaskId>, StoreError> {
        let fingerprint = fingerprint.to_owned();
        self.read(move |tasks, _| rows::unfinished_of(tasks, &fingerprint)).await
    }

    async fn of_request(&self, request_id: &str) -> Result<Option<TaskId>, StoreError> {
        let request_id = request_id.to_owned();
        self.read(move |tasks, _| rows::of_request(tasks, &request_id)).await
    }

    async fn of_key(&self, key: &str) -> Result<Option<TaskId>, StoreError> {
        let key = key.to_owned();
        self.read(move |tasks, _| rows::of_key(tasks, &key)).await
    }

    async fn events(&self, after: u64, filter: &EventFilter) -> Result<Vec<TaskEvent>, StoreError> {
        let filter = filter.clone();
        self.read(move |tasks, _| rows::events(tasks, after, &filter)).await
    }

    async fn last_event(&self) -> Result<u64, StoreError> {
        self.read(|tasks, _| rows::last_event(tasks)).await
    }

    async fn news(&self) {
        let mut written = self.0.written.subscribe();
        // A file tells nobody that another process has written it.
        let _ = timeout(LOOK_AGAIN, written.changed()).await;
    }
}
