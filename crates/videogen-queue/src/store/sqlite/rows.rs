//! Tasks and events as rows.

use rusqlite::{Connection, OptionalExtension};
use videogen_domain::{Failure, Generation, GenerationEvent, GenerationState, ProjectId, UnixMillis, transition};

use super::open::Trouble;
use super::{EventFilter, NewTask, StoreError, TaskEvent, TaskFilter, key_of};
use crate::TaskId;

/// A task as its rows tell it.
pub(super) struct Row {
    pub(super) generation: Generation,
    pub(super) held: Option<Failure>,
    pub(super) owner: Option<String>,
}

pub(super) fn insert(tasks: &Connection, owner: &str, task: &NewTask) -> Result<bool, Trouble> {
    let NewTask { id, generation, fingerprint, seen, place } = task;
    if let Some(fingerprint) = fingerprint {
        let mut unseen = unfinished_of(tasks, fingerprint)?;
        unseen.retain(|id| !seen.contains(id));
        if !unseen.is_empty() {
            return Ok(false);
        }
    }
    let key = key_of(generation);
    if let Some(key) = key
        && of_key(tasks, key)?.is_some()
    {
        return Ok(false);
    }
    let project_id = generation.plan.as_ref().and_then(|plan| plan.project_id.as_ref());
    let sql = "INSERT OR IGNORE INTO tasks(id, state, model_id, endpoint_id, project_id, request_id, fingerprint, place, \
               owner, began, created_at, updated_at, idempotency_key) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12)";
    let is_new = tasks.prepare_cached(sql)?.execute(rusqlite::params![
        id.as_str(),
        generation.state.name(),
        generation.model_id,
        generation.endpoint_id,
        project_id.map(ProjectId::as_str),
        generation.request_id(),
        fingerprint,
        place,
        owner,
        generation.to_json()?,
        now(),
        key,
    ])?;
    if is_new == 0 {
        return Err(StoreError::taken(id).into());
    }
    write_event(tasks, id, &GenerationEvent::Begun)?;
    Ok(true)
}

fn write_event(tasks: &Connection, id: &TaskId, event: &GenerationEvent) -> Result<(), Trouble> {
    let sql = "INSERT INTO events(task_id, event, at) VALUES (?1, ?2, ?3)";
    tasks.prepare_cached(sql)?.execute((id.as_str(), event.to_json()?, now()))?;
    Ok(())
}

pub(super) fn append(tasks: &Connection, owner: &str, id: &TaskId, event: GenerationEvent) -> Result<(), Trouble> {
    let (state, belongs_to) = tasks
        .prepare_cached("SELECT state, owner FROM tasks WHERE id = ?1")?
        .query_row([id.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)))
        .optional()?
        .ok_or_else(|| StoreError::unknown(id))?;
    let state: GenerationState = serde_json::from_value(state.into())?;
    let next = transition(state, &event).map_err(|error| StoreError::illegal(id, error))?;
    match event {
        // Everybody may wish that.
        GenerationEvent::CancelRequested => return write_event(tasks, id, &event),
        _ if belongs_to.as_deref() != Some(owner) => return Err(StoreError::of_another_process(id).into()),
        GenerationEvent::SubmitIntended(_) if is_to_be_cancelled(tasks, id)? => {
            return Err(StoreError::cancel_requested(id).into());
        }
        _ => {}
    }
    write_event(tasks, id, &event)?;
    let sql = "UPDATE tasks SET state = ?2, owner = ?3, held = NULL, updated_at = ?4 WHERE id = ?1";
    let owner = Some(owner).filter(|_| !next.is_final());
    tasks.prepare_cached(sql)?.execute((id.as_str(), next.name(), owner, now()))?;
    match event {
        GenerationEvent::Submitted(remote) => set_request(tasks, id, Some(&remote.request_id)),
        GenerationEvent::SubmitUnconfirmed { request_id: Some(suspected) } => set_request(tasks, id, Some(&suspected)),
        GenerationEvent::UploadExpired | GenerationEvent::NotAccepted => set_request(tasks, id, None),
        GenerationEvent::FellBack(_) => {
            set_request(tasks, id, None)?;
            // Which model is asked next is told by the plan.
            let Some(Row { generation, .. }) = one(tasks, id)? else { return Ok(()) };
            let sql = "UPDATE tasks SET model_id = ?2, endpoint_id = ?3 WHERE id = ?1";
            tasks.execute(sql, (id.as_str(), generation.model_id, generation.endpoint_id))?;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn is_to_be_cancelled(tasks: &Connection, id: &TaskId) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM events WHERE task_id = ?1 AND event ->> 'event' = 'cancel_requested')";
    tasks.prepare_cached(sql)?.query_row([id.as_str()], |row| row.get(0))
}

fn set_request(tasks: &Connection, id: &TaskId, request_id: Option<&str>) -> Result<(), Trouble> {
    let sql = "UPDATE tasks SET request_id = ?2 WHERE id = ?1";
    tasks.prepare_cached(sql)?.execute((id.as_str(), request_id))?;
    Ok(())
}

pub(super) fn hold(tasks: &Connection, owner: &str, id: &TaskId, failure: &Failure) -> Result<(), Trouble> {
    let sql = "UPDATE tasks SET held = ?3, updated_at = ?4 WHERE id = ?1 AND owner = ?2";
    let changed = tasks.execute(sql, (id.as_str(), owner, serde_json::to_string(failure)?, now()))?;
    if changed == 0 {
        return Err(StoreError::of_another_process(id).into());
    }
    write_event(tasks, id, &GenerationEvent::Held(failure.clone()))
}

pub(super) fn one(tasks: &Connection, id: &TaskId) -> Result<Option<Row>, Trouble> {
    let found = tasks
        .prepare_cached("SELECT began, held, owner FROM tasks WHERE id = ?1")?
        .query_row([id.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, Option<String>>(2)?))
        })
        .optional()?;
    let Some((began, held, owner)) = found else { return Ok(None) };
    let mut generation = Generation::from_json(&began)?;
    let mut statement = tasks.prepare_cached("SELECT event FROM events WHERE task_id = ?1 ORDER BY seq")?;
    for event in statement.query_map([id.as_str()], |row| row.get::<_, String>(0))? {
        let event = GenerationEvent::from_json(&event?)?;
        generation.apply(event).map_err(|error| StoreError::illegal(id, error))?;
    }
    let held = held.map(|held| serde_json::from_str(&held)).transpose()?;
    Ok(Some(Row { generation, held, owner }))
}

/// Whose an unfinished task is; the outer `None`: there is no such task.
pub(super) fn owner(tasks: &Connection, id: &TaskId) -> Result<Option<Option<String>>, Trouble> {
    let sql = "SELECT owner FROM tasks WHERE id = ?1";
    Ok(tasks.prepare_cached(sql)?.query_row([id.as_str()], |row| row.get(0)).optional()?)
}

/// Takes a task that is still `before`'s.
pub(super) fn claim(
    tasks: &Connection,
    owner: &str,
    id: &TaskId,
    before: &str,
    place: &str,
) -> Result<Option<Generation>, Trouble> {
    let sql = "UPDATE tasks SET owner = ?2, place = ?3, held = NULL, updated_at = ?4 WHERE id = ?1 AND owner = ?5";
    match tasks.execute(sql, (id.as_str(), owner, place, now(), before))? {
        0 => return Ok(None),
        _ => write_event(tasks, id, &GenerationEvent::WentOn)?,
    }
    Ok(one(tasks, id)?.map(|row| row.generation))
}

/// The owner of a task that was released: no process is called so.
const RELEASED: &str = "released";

pub(super) fn release(tasks: &Connection, owner: &str, id: &TaskId) -> Result<(), Trouble> {
    let sql = "UPDATE tasks SET owner = ?3, updated_at = ?4 WHERE id = ?1 AND owner = ?2";
    tasks.execute(sql, (id.as_str(), owner, RELEASED, now()))?;
    Ok(())
}

/// The unfinished tasks, oldest first, each with its place and its owner.
pub(super) fn owned(tasks: &Connection) -> Result<Vec<(TaskId, String, String)>, Trouble> {
    let sql = "SELECT id, place, owner FROM tasks WHERE owner IS NOT NULL ORDER BY number";
    let mut statement = tasks.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?.into(), row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The names of the tasks that are wanted, newest first.
pub(super) fn listed(tasks: &Connection, filter: &TaskFilter) -> Result<Vec<TaskId>, Trouble> {
    let sql = "SELECT id FROM tasks \
               WHERE (?1 IS NULL OR number < (SELECT number FROM tasks WHERE id = ?1)) \
               AND (?2 IS NULL OR project_id = ?2) AND (NOT ?3 OR owner IS NOT NULL) \
               ORDER BY number DESC LIMIT ?4";
    let mut statement = tasks.prepare_cached(sql)?;
    let before = filter.before.as_ref().map(TaskId::as_str);
    let project_id = filter.project_id.as_ref().map(ProjectId::as_str);
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let rows = statement
        .query_map((before, project_id, filter.unfinished, limit), |row| Ok(TaskId::from(row.get::<_, String>(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn unfinished_of(tasks: &Connection, fingerprint: &str) -> Result<Vec<TaskId>, Trouble> {
    let sql = "SELECT id FROM tasks WHERE fingerprint = ?1 AND owner IS NOT NULL ORDER BY number";
    let mut statement = tasks.prepare_cached(sql)?;
    let rows = statement.query_map([fingerprint], |row| Ok(row.get::<_, String>(0)?.into()))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn of_request(tasks: &Connection, request_id: &str) -> Result<Option<TaskId>, Trouble> {
    let sql = "SELECT id FROM tasks WHERE request_id = ?1 ORDER BY owner IS NULL, number DESC LIMIT 1";
    let found: Option<String> = tasks.prepare_cached(sql)?.query_row([request_id], |row| row.get(0)).optional()?;
    Ok(found.map(TaskId::from))
}

pub(super) fn of_key(tasks: &Connection, key: &str) -> Result<Option<TaskId>, Trouble> {
    let sql = "SELECT id FROM tasks WHERE idempotency_key = ?1";
    let found: Option<String> = tasks.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?;
    Ok(found.map(TaskId::from))
}

pub(super) fn events(tasks: &Connection, after: u64, filter: &EventFilter) -> Result<Vec<TaskEvent>, Trouble> {
    let sql = "SELECT e.seq, e.task_id, e.at, e.event FROM events e JOIN tasks t ON t.id = e.task_id \
               WHERE e.seq > ?1 AND (?2 IS NULL OR e.task_id = ?2) AND (?3 IS NULL OR t.project_id = ?3) \
               AND (?5 IS NULL OR e.event ->> 'event' = ?5) ORDER BY e.seq LIMIT ?4";
    let mut statement = tasks.prepare_cached(sql)?;
    let task_id = filter.task_id.as_ref().map(TaskId::as_str);
    let project_id = filter.project_id.as_ref().map(ProjectId::as_str);
    let (after, limit) = (as_i64(after), i64::try_from(filter.limit).unwrap_or(i64::MAX));
    let rows = statement.query_map((after, task_id, project_id, limit, filter.name), |row| {
        Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get::<_, String>(3)?))
    })?;
    let event = |row: rusqlite::Result<(i64, String, i64, String)>| {
        let (seq, task_id, at, event) = row?;
        let event = GenerationEvent::from_json(&event)?;
        Ok(TaskEvent { seq: seq.unsigned_abs(), task_id: task_id.into(), at: UnixMillis(at), event })
    };
    rows.map(event).collect()
}

pub(super) fn last_event(tasks: &Connection) -> Result<u64, Trouble> {
    let last: i64 = tasks.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))?;
    Ok(last.unsigned_abs())
}

fn as_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
