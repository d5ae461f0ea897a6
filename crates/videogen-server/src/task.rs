//! `POST /v1/tasks` and `GET /v1/tasks/{id}`: takes a generation in, and tells how far it is.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use videogen::{QueuedTask, TaskId};

use crate::problem::Problem;
use crate::request;
use crate::routes::Shared;
use crate::view::task::TaskView;

/// Takes a generation in.
pub(crate) async fn create(
    State(host): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<impl IntoResponse, Problem> {
    let mut fields = request::fields(&headers, body)?;
    let asked = request::generation(&host.videogen, &mut fields);
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

/// The task that a path names.
pub(crate) async fn named(host: &Shared, id: Result<Path<String>, PathRejection>) -> Result<QueuedTask, Problem> {
    let Path(id) = id.map_err(|_| Problem::unknown_path())?;
    Ok(host.videogen.queue().get(&TaskId::from(id)).await?)
}
