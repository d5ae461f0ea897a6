//! `GET /v1/tasks/{id}/video`: the finished file.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::IntoResponse;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use crate::problem::Problem;
use crate::routes::Shared;
use crate::task;
use crate::view::task::status;

/// The finished file, piece by piece.
pub(crate) async fn download(
    State(host): State<Shared>,
    id: Result<Path<String>, PathRejection>,
) -> Result<impl IntoResponse, Problem> {
    let task = task::named(&host, id).await?;
    let video = task.video.as_ref().ok_or_else(|| Problem::no_video_yet(status(&task)))?;
    let file = File::open(&video.location).await.map_err(|_| Problem::video_gone())?;
    let bytes = file.metadata().await.map_err(|_| Problem::video_gone())?.len();
    let headers = [(CONTENT_TYPE, "video/mp4".to_owned()), (CONTENT_LENGTH, bytes.to_string())];
    Ok((headers, Body::from_stream(ReaderStream::new(file))))
}
