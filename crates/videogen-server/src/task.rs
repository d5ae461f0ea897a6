//! `/v1/tasks` and `/v1/tasks/{id}`: takes a generation in, tells how far it is, and lists what there is.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use videogen::domain::ProjectId;
use videogen::queue::TaskFilter;
use videogen::{QueuedTask, TaskId};

use crate::problem::Problem;
use crate::request;
use crate::routes::Shared;
use crate::view::task::TaskView;

/// A caller's own name for a request.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// How many tasks are listed where nobody says how many, and how many at most.
const LISTED: usize = 100;
const MOST_LISTED: usize = 1000;

/// Takes a generation in.
pub(crate) async fn create(
    State(host): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<impl IntoResponse, Problem> {
    let mut fields = request::fields(&headers, body)?;
    let mut asked = request::generation(&host.videogen, &mut fields);
    asked.idempotency_key = headers.get(IDEMPOTENCY_KEY).and_then(|key| Some(key.to_str().ok()?.to_owned()));
    let checked = host.videogen.plan_within(&asked, &host.folders).await;
    let checked = checked.map_err(|violations| request::renamed(&violations));
    let plan = fields.finish(checked).map_err(|violations| Problem::mistakes(&violations))?;
    let queue = host.videogen.queue();
    let id = queue.submit_plan(plan).await?;
    let view = TaskView::of(&queue.get(&id).await?, host.videogen.provider());
    Ok((StatusCode::CREATED, [(LOCATION, format!("/v1/tasks/{id}"))], Json(view)))
}

/// A generation as it is now.
pub(crate) async fn show(
    State(host): State<Shared>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<TaskView>, Problem> {
    let task = named(&host, id).await?;
    Ok(Json(TaskView::of(&task, host.videogen.provider())))
}

/// Cancels a generation, and tells what has become of that.
pub(crate) async fn cancel(
    State(host): State<Shared>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path(id) = id.map_err(|_| Problem::unknown_path())?;
    let (id, queue) = (TaskId::from(id), host.videogen.queue());
    let outcome = queue.cancel(&id).await?;
    let task = TaskView::of(&queue.get(&id).await?, host.videogen.provider());
    Ok(Json(json!({ "outcome": outcome.name(), "task": task })))
}

/// Which tasks are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Wanted {
    unfinished: bool,
    project_id: Option<String>,
    before: Option<String>,
    limit: Option<usize>,
}

/// Tasks, the newest first.
pub(crate) async fn list(
    State(host): State<Shared>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(wanted) = wanted.map_err(|rejection| Problem::malformed_query(&rejection))?;
    let filter = TaskFilter::default()
        .of_project(wanted.project_id.map(ProjectId::from))
        .before(wanted.before.map(TaskId::from))
        .at_most(wanted.limit.unwrap_or(LISTED).min(MOST_LISTED));
    let filter = if wanted.unfinished { filter.unfinished() } else { filter };
    let provider = host.videogen.provider();
    let tasks = host.videogen.queue().list(&filter).await?;
    let tasks: Vec<TaskView> = tasks.iter().map(|task| TaskView::of(task, provider)).collect();
    Ok(Json(json!({ "tasks": tasks })))
}

/// The task that a path names.
pub(crate) async fn named(host: &Shared, id: Result<Path<String>, PathRejection>) -> Result<QueuedTask, Problem> {
    let Path(id) = id.map_err(|_| Problem::unknown_path())?;
    Ok(host.videogen.queue().get(&TaskId::from(id)).await?)
}
