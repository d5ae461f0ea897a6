//! The one connection that writes: many changes, one commit.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, Row, Statement};
use uuid::Uuid;
use videogen_domain::{Failure, Generation, GenerationEvent, GenerationState, transition};
use videogen_service::fault_point;

use super::connection::Address;
use super::trouble::{Trouble, passes};
use super::{NewTask, StoreError, key_of, rows};
use crate::TaskId;

/// The most changes that are committed at once.
const GROUP: usize = 256;

/// Held by whoever commits: numbers of events are then in the order of their commits.
const COMMITS: i64 = 0x7669_6465_6f67_0002;

/// How long after a failure that passes it is tried again.
const AGAIN: Duration = Duration::from_millis(100);

/// What is to be changed.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Insert(Box<NewTask>),
    Append(GenerationEvent),
    Hold(Failure),
    Claim { place: String },
    Release,
}

/// What has come of a change.
#[derive(Debug)]
pub(super) enum Done {
    /// Whether the task was kept.
    Inserted(bool),
    /// The task that was claimed.
    Claimed(Option<Box<Generation>>),
    Changed,
}

type Answer = Result<Done, Trouble>;

/// A change, in whose name, and who waits for it.
struct Asked {
    id: TaskId,
    change: Change,
    owner: Arc<str>,
    teller: oneshot::Sender<Answer>,
}

/// Hands changes to the connection, which ends when this is dropped and all changes are done.
#[derive(Debug)]
pub(super) struct Writer(mpsc::UnboundedSender<Asked>);

impl Writer {
    /// Begins to write, over `client` first.
    pub(super) fn start(address: Address, client: Client, patience: Duration) -> Self {
        let (changes, asked) = mpsc::unbounded_channel();
        tokio::spawn(write_all(Connected { address, client: Some(client), statements: None }, asked, patience));
        Self(changes)
    }

    /// Changes one task, and answers when that is committed.
    pub(super) async fn change(&self, id: &TaskId, change: Change, owner: Arc<str>) -> Answer {
        let (teller, told) = oneshot::channel();
        let gone = || StoreError::new("the connection that writes the task store has ended");
        self.0.send(Asked { id: id.clone(), change, owner, teller }).map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }
}

/// The connection, made anew when it is lost.
struct Connected {
    address: Address,
    client: Option<Client>,
    statements: Option<Statements>,
}

impl Connected {
    async fn ready(&mut self) -> Result<(&Client, &Statements), Trouble> {
        if self.client.as_ref().is_none_or(Client::is_closed) {
            self.statements = None;
            self.client = Some(self.address.connect().await?.0);
        }
        let client = self.client.as_ref().ok_or_else(|| StoreError::new("there is no connection"))?;
        if self.statements.is_none() {
            // Whoever is paused in the middle of a group must not keep everybody waiting.
            client.batch_execute("SET idle_in_transaction_session_timeout = '5s'").await?;
        }
        let statements = match self.statements.take() {
            Some(statements) => statements,
            None => Statements::prepare(client).await?,
        };
        Ok((client, self.statements.insert(statements)))
    }
}

async fn write_all(mut connected: Connected, mut asked: mpsc::UnboundedReceiver<Asked>, patience: Duration) {
    let mut later = Vec::new();
    loop {
        let mut waiting = std::mem::take(&mut later);
        if waiting.is_empty() && asked.recv_many(&mut waiting, GROUP).await == 0 {
            return;
        }
        while waiting.len() < GROUP
            && let Ok(next) = asked.try_recv()
        {
            waiting.push(next);
        }
        let group;
        (group, later) = one_of_each(waiting);
        write_group(&mut connected, group, patience).await;
    }
}

/// Puts off what concerns a task, or what was asked for, that is in the group already.
fn one_of_each(waiting: Vec<Asked>) -> (Vec<Asked>, Vec<Asked>) {
    let (mut ids, mut fingerprints, mut keys) = (HashSet::new(), HashSet::new(), HashSet::new());
    waiting.into_iter().partition(|asked| {
        let is_first_of_its_kind = match &asked.change {
            Change::Insert(task) => {
                let key = key_of(&task.generation);
                key.is_none_or(|key| keys.insert(key.to_owned()))
                    & task.fingerprint.as_ref().is_none_or(|fingerprint| fingerprints.insert(fingerprint.clone()))
            }
            _ => true,
        };
        ids.insert(asked.id.clone()) && is_first_of_its_kind
    })
}

/// Writes a group. What the database refuses of it is found by writing each change alone.
async fn write_group(connected: &mut Connected, group: Vec<Asked>, patience: Duration) {
    match commit(connected, &group, patience).await {
        Ok(answers) => {
            for (asked, answer) in group.into_iter().zip(answers) {
                // Whoever asked may have gone; what is written is written.
                let _ = asked.teller.send(answer);
            }
        }
        Err(Trouble::Unusable(source)) if group.len() == 1 || passes(source.as_ref()) => {
            for asked in group {
                let _ = asked.teller.send(Err(Trouble::Unusable(Arc::clone(&source))));
            }
        }
        Err(_) => {
            for asked in group {
                Box::pin(write_group(connected, vec![asked], patience)).await;
            }
        }
    }
}

/// Writes a group whole or not at all, and tries again what passes. A group that was written though nobody said so is
/// known again by its name, so that nothing is written twice.
async fn commit(connected: &mut Connected, group: &[Asked], patience: Duration) -> Result<Vec<Answer>, Trouble> {
    let name = Uuid::now_v7().to_string();
    let until = Instant::now() + patience;
    loop {
        let written = match connected.ready().await {
            Ok((client, statements)) => Transaction { client, statements, name: name.clone(), group }.commit().await,
            Err(trouble) => Err(trouble),
        };
        match written {
            Err(Trouble::Unusable(source)) if passes(source.as_ref()) && Instant::now() < until => {
                tracing::debug!(error = %source, "the task store is tried again");
                // A transaction that stands open there is ended with its connection.
                connected.client = None;
                sleep(AGAIN).await;
            }
            Err(trouble) => {
                connected.client = None;
                return Err(trouble);
            }
            Ok(answers) => return Ok(answers),
        }
    }
}

/// A group on its way into the database.
struct Transaction<'a> {
    client: &'a Client,
    statements: &'a Statements,
    /// What every row is marked with that the group writes.
    name: String,
    group: &'a [Asked],
}

impl Transaction<'_> {
    /// Two messages and their answers: what is there, and what is to be. Some changes want to know more in between.
    async fn commit(&self) -> Result<Vec<Answer>, Trouble> {
        let known = self.look().await?;
        // It was written before, and nobody heard of it.
        let is_written = known.rows.values().any(|row| row.written_by == self.name);
        let mut write = Write::default();
        let mut answers = Vec::with_capacity(self.group.len());
        for asked in self.group {
            let answer = match known.rows.get(asked.id.as_str()) {
                Some(row) if row.written_by == self.name => Ok(known.done(asked)),
                row => known.plan(asked, row, &mut write),
            };
            match answer {
                Err(Trouble::Unusable(source)) => return Err(Trouble::Unusable(source)),
                answer => answers.push(answer),
            }
        }
        let inserted = self.write(&write, is_written).await?;
        for (asked, answer) in self.group.iter().zip(&mut answers) {
            if let Ok(Done::Inserted(is_kept)) = answer {
                *is_kept |= inserted.contains(asked.id.as_str());
            }
        }
        Ok(answers)
    }

    /// Locks the rows that the group is about, so that nobody else may write them until it is committed, and then looks up what
    /// its changes want to know.
    async fn look(&self) -> Result<Known, Trouble> {
        let all = self.ids(|_| true);
        let (begun, rows) = tokio::join!(
            biased;
            async { self.client.batch_execute("BEGIN").await },
            async { self.client.query(&self.statements.lock, &[&all]).await },
        );
        begun?;
        let rows = rows?.iter().map(|row| (row.get(0), TaskRow::from(row))).collect();
        let mut known = Known { rows, ..Known::default() };
        let claimed = self.ids(|change| matches!(change, Change::Claim { .. }));
        let intended = self.ids(|change| matches!(change, Change::Append(GenerationEvent::SubmitIntended(_))));
        // Which model is asked next is told by the plan.
        let whole =
            self.ids(|change| matches!(change, Change::Claim { .. } | Change::Append(GenerationEvent::FellBack(_))));
        if !claimed.is_empty() {
            let workers = self.client.query(&self.statements.workers, &[]).await?;
            known.living = workers.iter().map(|row| row.get(0)).collect();
        }
        if !intended.is_empty() {
            let wishes = self.client.query(&self.statements.wishes, &[&intended]).await?;
            known.to_be_cancelled = wishes.iter().map(|row| row.get(0)).collect();
        }
        if !whole.is_empty() {
            let loaded = rows::load(self.client, &whole, "").await?;
            known.generations = loaded.into_iter().map(|(id, kept)| (id, kept.generation)).collect();
        }
        Ok(known)
    }

    fn ids(&self, wanted: impl Fn(&Change) -> bool) -> Vec<&str> {
        self.group.iter().filter(|asked| wanted(&asked.change)).map(|asked| asked.id.as_str()).collect()
    }

    /// Writes and commits. Returns which tasks were kept of those that are new.
    async fn write(&self, write: &Write, is_written: bool) -> Result<HashSet<String>, Trouble> {
        if write.is_empty() || is_written {
            let kept = self.kept(write).await?;
            self.client.batch_execute("ROLLBACK").await?;
            return Ok(kept);
        }
        let Statements { first, insert, append, update, news, .. } = self.statements;
        let tasks = serde_json::to_string(&write.tasks)?;
        let events = serde_json::to_string(&write.events)?;
        let rows = serde_json::to_string(&write.rows)?;
        fault_point("tasks.commit", "before");
        let (first, inserted, appended, updated, told, committed) = tokio::join!(
            biased;
            async { self.client.execute(first, &[&COMMITS]).await },
            async { self.client.query(insert, &[&tasks, &self.name]).await },
            async { self.client.execute(append, &[&events]).await },
            async { self.client.execute(update, &[&rows, &self.name]).await },
            async { self.client.execute(news, &[]).await },
            async { self.client.batch_execute("COMMIT").await },
        );
        first?;
        let mut kept: HashSet<String> = inserted?.iter().map(|row| row.get(0)).collect();
        appended?;
        updated?;
        told?;
        committed?;
        fault_point("tasks.commit", "after");
        if kept.len() < write.tasks.len() {
            kept.extend(self.kept(write).await?);
        }
        Ok(kept)
    }

    /// Which of the new tasks were kept by this group, now or before.
    async fn kept(&self, write: &Write) -> Result<HashSet<String>, Trouble> {
        let ids: Vec<&str> = write.tasks.iter().map(|task| task.id.as_str()).collect();
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let sql = "SELECT id FROM videogen.tasks WHERE id = ANY($1) AND written_by = $2";
        Ok(self.client.query(sql, &[&ids, &self.name]).await?.iter().map(|row| row.get(0)).collect())
    }
}

/// What is known of the rows of a group, which are locked.
#[derive(Default)]
struct Known {
    rows: HashMap<String, TaskRow>,
    /// The workers that live.
    living: HashSet<String>,
    /// The tasks that somebody wishes to be cancelled.
    to_be_cancelled: HashSet<String>,
    generations: HashMap<String, Generation>,
}

impl Known {
    /// What has come of a change that is written.
    fn done(&self, asked: &Asked) -> Done {
        match asked.change {
            Change::Insert(_) => Done::Inserted(true),
            Change::Claim { .. } => self.claimed(asked),
            Change::Append(_) | Change::Hold(_) | Change::Release => Done::Changed,
        }
    }

    fn claimed(&self, asked: &Asked) -> Done {
        Done::Claimed(self.generations.get(asked.id.as_str()).cloned().map(Box::new))
    }

    /// What a change makes of its row.
    fn plan(&self, asked: &Asked, row: Option<&TaskRow>, write: &mut Write) -> Answer {
        let Asked { id, change, owner, .. } = asked;
        let is_own = row.is_some_and(|row| row.owner.as_deref() == Some(&**owner));
        let of_another = || StoreError::of_another_process(id);
        match (change, row) {
            (Change::Insert(task), None) => {
                write.tasks.push(NewRow::of(task, owner)?);
                return Ok(Done::Inserted(false));
            }
            (Change::Insert(_), Some(_)) => return Err(StoreError::taken(id).into()),
            (Change::Append(_) | Change::Hold(_), None) => return Err(StoreError::unknown(id).into()),
            (Change::Append(event), Some(row)) => {
                let state: GenerationState = serde_json::from_value(row.state.clone().into())?;
                let next = transition(state, event).map_err(|error| StoreError::illegal(id, error))?;
                if !is_own && !is_welcome_from_everybody(event) {
                    return Err(of_another().into());
                }
                if matches!(event, GenerationEvent::SubmitIntended(_)) && self.to_be_cancelled.contains(id.as_str()) {
                    return Err(StoreError::cancel_requested(id).into());
                }
                write.events.push(EventRow::of(id, event)?);
                write.rows.push(self.after(id, event, next, row)?);
            }
            (Change::Hold(_), Some(_)) if !is_own => return Err(of_another().into()),
            (Change::Hold(failure), Some(row)) => {
                let held = Some(serde_json::to_string(failure)?);
                write.events.push(EventRow::of(id, &GenerationEvent::Held(failure.clone()))?);
                write.rows.push(TaskRow { held, ..row.clone() });
            }
            (Change::Claim { place }, Some(row)) if is_own || self.is_free(row) => {
                let owner = Some(owner.to_string());
                write.events.push(EventRow::of(id, &GenerationEvent::WentOn)?);
                write.rows.push(TaskRow { owner, place: place.clone(), held: None, ..row.clone() });
                return Ok(self.claimed(asked));
            }
            (Change::Claim { .. }, _) => return Ok(Done::Claimed(None)),
            (Change::Release, Some(row)) if is_own => {
                let owner = Some(RELEASED.to_owned());
                write.rows.push(TaskRow { owner, ..row.clone() });
            }
            (Change::Release, _) => {}
        }
        Ok(Done::Changed)
    }

    /// A row after an event.
    fn after(
        &self,
        id: &TaskId,
        event: &GenerationEvent,
        next: GenerationState,
        row: &TaskRow,
    ) -> Result<TaskRow, Trouble> {
        let owner = row.owner.clone().filter(|_| !next.is_final());
        let held = row.held.clone().filter(|_| matches!(event, GenerationEvent::CancelRequested));
        let mut row = TaskRow { state: next.name().to_owned(), owner, held, ..row.clone() };
        match event {
            GenerationEvent::Submitted(remote) => row.request_id = Some(remote.request_id.clone()),
            GenerationEvent::SubmitUnconfirmed { request_id: Some(suspected) } => {
                row.request_id = Some(suspected.clone());
            }
            GenerationEvent::UploadExpired | GenerationEvent::NotAccepted => row.request_id = None,
            GenerationEvent::FellBack(_) => {
                row.request_id = None;
                if let Some(mut generation) = self.generations.get(id.as_str()).cloned() {
                    generation.apply(event.clone()).map_err(|error| StoreError::illegal(id, error))?;
                    (row.model_id, row.endpoint_id) = (generation.model_id, generation.endpoint_id);
                }
            }
            _ => {}
        }
        Ok(row)
    }

    /// Whether nobody has an unfinished task: its worker is dead, or has given it up.
    fn is_free(&self, row: &TaskRow) -> bool {
        row.owner.as_ref().is_some_and(|owner| !self.living.contains(owner))
    }
}

/// Of a worker that was taken for dead while its submit was under way the answer is still welcome: it tells what is paid.
/// And everybody may wish that there be no video.
fn is_welcome_from_everybody(event: &GenerationEvent) -> bool {
    matches!(event, GenerationEvent::Submitted(_) | GenerationEvent::CancelRequested)
}

/// The owner of a task that was released: no worker is called so.
const RELEASED: &str = "released";

/// Everything that a group writes.
#[derive(Default)]
struct Write {
    tasks: Vec<NewRow>,
    events: Vec<EventRow>,
    rows: Vec<TaskRow>,
}

impl Write {
    fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.events.is_empty() && self.rows.is_empty()
    }
}

#[derive(serde::Serialize)]
struct NewRow {
    id: String,
    state: &'static str,
    model_id: String,
    endpoint_id: String,
    project_id: Option<String>,
    request_id: Option<String>,
    fingerprint: Option<String>,
    idempotency_key: Option<String>,
    seen: Vec<String>,
    place: String,
    owner: String,
    began: String,
    /// The event that tells of it.
    begun: String,
}

impl NewRow {
    fn of(task: &NewTask, owner: &str) -> Result<Self, Trouble> {
        let NewTask { id, generation, fingerprint, seen, place } = task;
        let project_id = generation.plan.as_ref().and_then(|plan| plan.project_id.as_ref());
        Ok(Self {
            begun: GenerationEvent::Begun.to_json()?,
            id: id.to_string(),
            state: generation.state.name(),
            model_id: generation.model_id.clone(),
            endpoint_id: generation.endpoint_id.clone(),
            project_id: project_id.map(ToString::to_string),
            request_id: generation.request_id().map(str::to_owned),
            fingerprint: fingerprint.clone(),
            idempotency_key: key_of(generation).map(str::to_owned),
            seen: seen.iter().map(ToString::to_string).collect(),
            place: place.clone(),
            owner: owner.to_owned(),
            began: generation.to_json()?,
        })
    }
}

#[derive(serde::Serialize)]
struct EventRow {
    task_id: String,
    event: String,
}

impl EventRow {
    fn of(id: &TaskId, event: &GenerationEvent) -> Result<Self, Trouble> {
        Ok(Self { task_id: id.to_string(), event: event.to_json()? })
    }
}

/// What of a task changes, and by whom it was written.
#[derive(Clone, serde::Serialize)]
struct TaskRow {
    id: String,
    state: String,
    owner: Option<String>,
    held: Option<String>,
    request_id: Option<String>,
    model_id: String,
    endpoint_id: String,
    place: String,
    #[serde(skip)]
    written_by: String,
}

impl From<&Row> for TaskRow {
    fn from(row: &Row) -> Self {
        Self {
            id: row.get(0),
            state: row.get(1),
            owner: row.get(2),
            held: row.get(3),
            request_id: row.get(4),
            model_id: row.get(5),
            endpoint_id: row.get(6),
            place: row.get(7),
            written_by: row.get(8),
        }
    }
}

/// What is sent again and again, prepared once for each connection. Rows are sent as JSON: one message for a group.
#[derive(Clone)]
struct Statements {
    lock: Statement,
    workers: Statement,
    wishes: Statement,
    first: Statement,
    insert: Statement,
    append: Statement,
    update: Statement,
    news: Statement,
}

impl Statements {
    async fn prepare(client: &Client) -> Result<Self, Trouble> {
        Ok(Self {
            lock: client
                .prepare(
                    "SELECT id, state, owner, held::text, request_id, model_id, endpoint_id, place, written_by \
                     FROM videogen.tasks WHERE id = ANY($1) ORDER BY id FOR UPDATE",
                )
                .await?,
            workers: client.prepare("SELECT id FROM videogen.workers").await?,
            wishes: client
                .prepare(
                    "SELECT DISTINCT task_id FROM videogen.events WHERE task_id = ANY($1) \
                     AND event ->> 'event' = 'cancel_requested'",
                )
                .await?,
            first: client.prepare("SELECT pg_advisory_xact_lock($1)").await?,
            insert: client
                .prepare(
                    "WITH n AS (\
                         SELECT * FROM json_to_recordset($1::text::json) AS n(id text, state text, model_id text, \
                         endpoint_id text, project_id text, request_id text, fingerprint text, idempotency_key text, \
                         seen text[], place text, \
                         owner text, began text, begun text)), \
                     kept AS (\
                         INSERT INTO videogen.tasks(id, state, model_id, endpoint_id, project_id, request_id, \
                         fingerprint, idempotency_key, place, owner, began, written_by) \
                         SELECT n.id, n.state, n.model_id, n.endpoint_id, n.project_id, n.request_id, n.fingerprint, n.idempotency_key, \
                         n.place, n.owner, n.began::json, $2 FROM n \
                         WHERE (n.fingerprint IS NULL OR NOT EXISTS (\
                             SELECT FROM videogen.tasks t WHERE t.fingerprint = n.fingerprint \
                             AND t.owner IS NOT NULL AND t.id <> ALL(n.seen))) \
                         AND (n.idempotency_key IS NULL OR NOT EXISTS (\
                             SELECT FROM videogen.tasks t WHERE t.idempotency_key = n.idempotency_key)) \
                         ON CONFLICT (id) DO NOTHING RETURNING id), \
                     told AS (\
                         INSERT INTO videogen.events(task_id, event) \
                         SELECT kept.id, n.begun::json FROM kept JOIN n ON n.id = kept.id) \
                     SELECT id FROM kept",
                )
                .await?,
            append: client
                .prepare(
                    "INSERT INTO videogen.events(task_id, event) SELECT n.task_id, n.event::json \
                     FROM json_to_recordset($1::text::json) AS n(task_id text, event text)",
                )
                .await?,
            update: client
                .prepare(
                    "UPDATE videogen.tasks t SET state = n.state, owner = n.owner, held = n.held::json, \
                     request_id = n.request_id, model_id = n.model_id, endpoint_id = n.endpoint_id, place = n.place, \
                     written_by = $2, updated_at = clock_timestamp() \
                     FROM json_to_recordset($1::text::json) AS n(id text, state text, owner text, held text, \
                     request_id text, model_id text, endpoint_id text, place text) WHERE t.id = n.id",
                )
                .await?,
            news: client.prepare("SELECT pg_notify('videogen_tasks', '')").await?,
        })
    }
}
