//! Tasks and events as rows, read.

use std::collections::HashMap;

use tokio_postgres::{Client, Row};
use videogen_domain::{Failure, Generation, GenerationEvent, ProjectId, UnixMillis};

use super::trouble::Trouble;
use super::{EventFilter, KeptTask, Owner, StoreError, TaskEvent, TaskFilter};
use crate::TaskId;

/// Tasks by their names, with everything that has happened to them, as they are at one moment; whose they are is said by
/// the one who calls itself `own`.
pub(super) async fn load(client: &Client, ids: &[&str], own: &str) -> Result<HashMap<String, KeptTask>, Trouble> {
    let sql = "SELECT t.id, t.began::text, t.held::text, t.owner, \
               EXISTS (SELECT FROM videogen.workers w WHERE w.id = t.owner), \
               ARRAY(SELECT e.event::text FROM videogen.events e WHERE e.task_id = t.id ORDER BY e.seq) \
               FROM videogen.tasks t WHERE t.id = ANY($1)";
    let rows = client.query(sql, &[&ids]).await?;
    rows.iter().map(|row| Ok((row.get(0), kept(row, own)?))).collect()
}

fn kept(row: &Row, own: &str) -> Result<KeptTask, Trouble> {
    let (held, owner, lives): (Option<&str>, Option<&str>, bool) = (row.get(2), row.get(3), row.get(4));
    let held: Option<Failure> = held.map(serde_json::from_str).transpose()?;
    let owner = match owner {
        Some(owner) if owner == own => Owner::ThisProcess,
        Some(_) if lives => Owner::OtherProcess,
        _ => Owner::Nobody,
    };
    let mut generation = Generation::from_json(row.get(1))?;
    for event in row.get::<_, Vec<&str>>(5) {
        let happened = generation.apply(GenerationEvent::from_json(event)?);
        happened.map_err(|error| StoreError::illegal(&TaskId::from(row.get::<_, String>(0)), error))?;
    }
    Ok(KeptTask { generation, held, owner })
}

/// The names of the tasks that are wanted, newest first.
pub(super) async fn listed(client: &Client, filter: &TaskFilter) -> Result<Vec<String>, Trouble> {
    let sql = "SELECT id FROM videogen.tasks \
               WHERE ($1::text IS NULL OR number < (SELECT number FROM videogen.tasks WHERE id = $1)) \
               AND ($2::text IS NULL OR project_id = $2) AND (NOT $3 OR owner IS NOT NULL) \
               ORDER BY number DESC LIMIT $4";
    let before = filter.before.as_ref().map(TaskId::as_str);
    let project_id = filter.project_id.as_ref().map(ProjectId::as_str);
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let rows = client.query(sql, &[&before, &project_id, &filter.unfinished, &limit]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// The unfinished tasks that no living worker has, oldest first, each with its place.
pub(super) async fn abandoned(client: &Client) -> Result<Vec<(TaskId, String)>, Trouble> {
    let sql = "SELECT id, place FROM videogen.tasks t WHERE owner IS NOT NULL \
               AND NOT EXISTS (SELECT FROM videogen.workers w WHERE w.id = t.owner) ORDER BY number";
    let rows = client.query(sql, &[]).await?;
    Ok(rows.iter().map(|row| (row.get::<_, String>(0).into(), row.get(1))).collect())
}

/// The unfinished tasks that were asked for the same, oldest first.
pub(super) async fn unfinished_of(client: &Client, fingerprint: &str) -> Result<Vec<TaskId>, Trouble> {
    let sql = "SELECT id FROM videogen.tasks WHERE fingerprint = $1 AND owner IS NOT NULL ORDER BY number";
    let rows = client.query(sql, &[&fingerprint]).await?;
    Ok(rows.iter().map(|row| row.get::<_, String>(0).into()).collect())
}

/// The task whose request fal has accepted under this id.
pub(super) async fn of_request(client: &Client, request_id: &str) -> Result<Option<TaskId>, Trouble> {
    let sql = "SELECT id FROM videogen.tasks WHERE request_id = $1 ORDER BY owner IS NULL, number DESC LIMIT 1";
    Ok(client.query_opt(sql, &[&request_id]).await?.map(|row| row.get::<_, String>(0).into()))
}

/// What has happened after a number, in the order in which it was committed.
pub(super) async fn events(client: &Client, after: u64, filter: &EventFilter) -> Result<Vec<TaskEvent>, Trouble> {
    let sql = "SELECT e.seq, e.task_id, (extract(epoch FROM e.at) * 1000)::bigint, e.event::text \
               FROM videogen.events e JOIN videogen.tasks t ON t.id = e.task_id \
               WHERE e.seq > $1 AND ($2::text IS NULL OR e.task_id = $2) AND ($3::text IS NULL OR t.project_id = $3) \
               AND ($5::text IS NULL OR e.event ->> 'event' = $5) ORDER BY e.seq LIMIT $4";
    let task_id = filter.task_id.as_ref().map(TaskId::as_str);
    let project_id = filter.project_id.as_ref().map(ProjectId::as_str);
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = client.query(sql, &[&after, &task_id, &project_id, &limit, &filter.name]).await?;
    let event = |row: &Row| {
        let event = GenerationEvent::from_json(row.get(3))?;
        let (seq, at) = (row.get::<_, i64>(0).unsigned_abs(), UnixMillis(row.get(2)));
        Ok(TaskEvent { seq, task_id: row.get::<_, String>(1).into(), at, event })
    };
    rows.iter().map(event).collect()
}

/// The number of what was committed last.
pub(super) async fn last_event(client: &Client) -> Result<u64, Trouble> {
    let last: i64 = client.query_one("SELECT coalesce(max(seq), 0) FROM videogen.events", &[]).await?.get(0);
    Ok(last.unsigned_abs())
}

/// The task that was asked for under a key.
pub(super) async fn of_key(client: &Client, key: &str) -> Result<Option<TaskId>, Trouble> {
    let sql = "SELECT id FROM videogen.tasks WHERE idempotency_key = $1";
    Ok(client.query_opt(sql, &[&key]).await?.map(|row| row.get::<_, String>(0).into()))
}
