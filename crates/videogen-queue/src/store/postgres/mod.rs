//! Tasks in PostgreSQL.

mod connection;
mod forms;
mod lease;
mod rows;
#[cfg(test)]
mod tests;
mod trouble;
mod writer;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, Pool, Runtime};
use tokio::sync::{OnceCell, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use videogen_domain::{Failure, Generation, GenerationEvent};

use self::connection::Address;
use self::lease::Lease;
use self::trouble::Trouble;
use self::writer::{Change, Done, Writer};
use super::{EventFilter, KeptTask, NewTask, Owner, StoreError, TaskEvent, TaskFilter, TaskStore, key_of};
use crate::TaskId;

/// How long a server that is out of reach is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long after a failure that passes it is tried again.
const AGAIN: Duration = Duration::from_millis(100);

/// How long it is waited for a word of the server that something was written: such a word may be lost.
const NEWS: Duration = Duration::from_secs(1);

/// How many connections read at once.
const READERS: usize = 4;

/// Keeps tasks in PostgreSQL 14 or later, which many machines may share. Cheap to clone; used within a tokio runtime.
///
/// The tables are in the schema `videogen`, which is made when the store is used for the first time. One connection writes
/// for all callers of a process and commits their changes in groups. Each process renews a lease; when it has given no sign
/// for the [length](Self::with_lease) of it, by the database's clock, it is dead, and whoever claims its tasks has them: it
/// can write to them no more, even if it was only paused. What it has learnt of a submit that was under way is kept all
/// the same.
///
/// A server that is restarted or out of reach is waited for up to 15 seconds; after a connection that was lost while a
/// group was committed it is found out whether it was, so that nothing is lost and nothing is written twice.
#[derive(Clone)]
pub struct PostgresTaskStore(Arc<Inner>);

struct Inner {
    address: Address,
    lease: Duration,
    patience: Duration,
    readers: Pool,
    opened: OnceCell<Opened>,
}

struct Opened {
    writer: Writer,
    lease: Arc<Lease>,
    news: watch::Receiver<()>,
    /// Gives the lease up when the store is dropped.
    _stop: DropGuard,
}

impl fmt::Debug for PostgresTaskStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address holds a password.
        f.debug_struct("PostgresTaskStore").field("place", &self.0.address.place()).finish_non_exhaustive()
    }
}

impl PostgresTaskStore {
    /// The length of a lease, where nobody says otherwise.
    pub const LEASE: Duration = Duration::from_secs(30);

    /// Tasks in the database at an address such as `postgres://user:password@host:5432/database`. TLS is taken where the
    /// server offers it; `?sslmode=require` wants it. Nothing is connected yet.
    ///
    /// # Errors
    /// When the address cannot be read.
    pub fn at(url: &str) -> Result<Self, StoreError> {
        Self::with_lease(url, Self::LEASE)
    }

    /// As [`at`](Self::at), where a process that has given no sign for so long is dead. It is renewed three times as often.
    ///
    /// # Errors
    /// When the address cannot be read.
    pub fn with_lease(url: &str, lease: Duration) -> Result<Self, StoreError> {
        Self::with(url, lease, PATIENCE)
    }

    fn with(url: &str, lease: Duration, patience: Duration) -> Result<Self, StoreError> {
        let address = Address::parse(url)?;
        let manager = Manager::new(address.config.clone(), address.tls.clone());
        let built = Pool::builder(manager).max_size(READERS).runtime(Runtime::Tokio1).build();
        let readers = built.map_err(|error| StoreError::new("no connections can be kept").with_source(error))?;
        Ok(Self(Arc::new(Inner { address, lease, patience, readers, opened: OnceCell::new() })))
    }

    async fn opened(&self) -> Result<&Opened, StoreError> {
        let inner = &self.0;
        let opened = inner.opened.get_or_try_init(|| inner.patiently(|| inner.open())).await;
        opened.map_err(|trouble| trouble.told_of(&inner.address.place()))
    }

    /// Changes one task, in the name of this process.
    async fn change(&self, id: &TaskId, change: Change) -> Result<Done, StoreError> {
        let Opened { writer, lease, .. } = self.opened().await?;
        let answer = writer.change(id, change, lease.name()).await;
        answer.map_err(|trouble| trouble.told_of(&self.0.address.place()))
    }

    /// A connection that reads, and what this process is called.
    async fn reader(&self) -> Result<(deadpool_postgres::Object, Arc<str>), StoreError> {
        let name = self.opened().await?.lease.name();
        let reader = self.0.patiently(|| async { Ok(self.0.readers.get().await?) }).await;
        Ok((reader.map_err(|trouble| trouble.told_of(&self.0.address.place()))?, name))
    }

    fn told<T>(&self, read: Result<T, Trouble>) -> Result<T, StoreError> {
        read.map_err(|trouble| trouble.told_of(&self.0.address.place()))
    }
}

impl Inner {
    async fn open(&self) -> Result<Opened, Trouble> {
        let (mut client, _) = self.address.connect().await?;
        forms::bring_up_to_date(&mut client).await?;
        let lease = Arc::new(Lease::new(self.lease));
        lease.register(&client).await?;
        let (teller, news) = watch::channel(());
        let stop = CancellationToken::new();
        tokio::spawn(Arc::clone(&lease).keep(self.address.clone(), teller, stop.clone()));
        let writer = Writer::start(self.address.clone(), client, self.patience);
        Ok(Opened { writer, lease, news, _stop: stop.drop_guard() })
    }

    /// Tries again what fails and passes.
    async fn patiently<T, F: Future<Output = Result<T, Trouble>>>(
        &self,
        mut work: impl FnMut() -> F,
    ) -> Result<T, Trouble> {
        let until = Instant::now() + self.patience;
        loop {
            match work().await {
                Err(trouble) if trouble.passes() && Instant::now() < until => sleep(AGAIN).await,
                done => return done,
            }
        }
    }
}

#[async_trait::async_trait]
impl TaskStore for PostgresTaskStore {
    async fn insert(&self, task: &NewTask) -> Result<bool, StoreError> {
        let change = Change::Insert(Box::new(task.clone()));
        Ok(matches!(self.change(&task.id, change).await?, Done::Inserted(true)))
    }

    async fn append(&self, id: &TaskId, event: &GenerationEvent) -> Result<(), StoreError> {
        self.change(id, Change::Append(event.clone())).await.map(drop)
    }

    async fn hold(&self, id: &TaskId, failure: &Failure) -> Result<(), StoreError> {
        self.change(id, Change::Hold(failure.clone())).await.map(drop)
    }

    async fn load(&self, id: &TaskId) -> Result<Option<KeptTask>, StoreError> {
        let (reader, own) = self.reader().await?;
        let mut found = self.told(rows::load(&reader, &[id.as_str()], &own).await)?;
        Ok(found.remove(id.as_str()))
    }

    async fn list(&self, filter: &TaskFilter) -> Result<Vec<(TaskId, KeptTask)>, StoreError> {
        let (reader, own) = self.reader().await?;
        let listed = self.told(rows::listed(&reader, filter).await)?;
        let ids: Vec<&str> = listed.iter().map(String::as_str).collect();
        let mut found = self.told(rows::load(&reader, &ids, &own).await)?;
        let kept = listed.into_iter().filter_map(|id| found.remove(&id).map(|kept| (TaskId::from(id), kept)));
        Ok(kept.collect())
    }

    async fn claim(&self, id: &TaskId, place: &str) -> Result<Option<Generation>, StoreError> {
        match self.change(id, Change::Claim { place: place.to_owned() }).await? {
            Done::Claimed(generation) => Ok(generation.map(|generation| *generation)),
            _ => Ok(None),
        }
    }

    async fn release(&self, id: &TaskId) -> Result<(), StoreError> {
        self.change(id, Change::Release).await.map(drop)
    }

    async fn abandoned(&self) -> Result<Vec<(TaskId, String)>, StoreError> {
        let (reader, _) = self.reader().await?;
        self.told(self.opened().await?.lease.bury(&reader).await)?;
        self.told(rows::abandoned(&reader).await)
    }

    async fn unfinished_of(&self, fingerprint: &str) -> Result<Vec<TaskId>, StoreError> {
        let (reader, _) = self.reader().await?;
        self.told(rows::unfinished_of(&reader, fingerprint).await)
    }

    async fn of_request(&self, request_id: &str) -> Result<Option<TaskId>, StoreError> {
        let (reader, _) = self.reader().await?;
        self.told(rows::of_request(&reader, request_id).await)
    }

    async fn of_key(&self, key: &str) -> Result<Option<TaskId>, StoreError> {
        let (reader, _) = self.reader().await?;
        self.told(rows::of_key(&reader, key).await)
    }

    async fn events(&self, after: u64, filter: &EventFilter) -> Result<Vec<TaskEvent>, StoreError> {
        let (reader, _) = self.reader().await?;
        self.told(rows::events(&reader, after, filter).await)
    }

    async fn last_event(&self) -> Result<u64, StoreError> {
        let (reader, _) = self.reader().await?;
        self.told(rows::last_event(&reader).await)
    }

    async fn news(&self) {
        let Ok(Opened { news, .. }) = self.opened().await else { return sleep(NEWS).await };
        let mut news = news.clone();
        let _ = timeout(NEWS, news.changed()).await;
    }
}
