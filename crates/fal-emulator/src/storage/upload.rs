//! A file that comes in one piece: by token, or by the URL of an initiated upload.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::file_record::{Draft, FileRecord};
use super::incoming::{Incoming, admit};
use super::lifecycle::Lifecycle;
use super::refusal::Refusal;
use crate::body;
use crate::front::Origin;
use crate::shared::{Shared, SharedState};

/// The query of an upload URL: its only credential.
#[derive(Deserialize)]
pub(super) struct Ticket {
    pub(super) upload_token: Option<String>,
}

/// `POST /files/upload` with the token of the rest host; the body is the file.
pub(super) async fn upload(
    State(shared): State<SharedState>,
    origin: Origin,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (draft, body) = admit(draft(&shared, &headers), body).await?;
    let incoming = Incoming::receive(&shared.files.state, body).await?;
    let stored = store(&shared, draft, incoming).await?;
    let access_url = format!("{}{}", origin.urls(&shared).cdn, stored.path());
    Ok(body::json(StatusCode::OK, &json!({ "access_url": access_url })))
}

/// The file that a request with a token announces.
pub(super) fn draft(shared: &Shared, headers: &HeaderMap) -> Result<Draft, Refusal> {
    shared.tokens.check(headers)?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Ok(Draft::new(text("x-fal-file-name"), text("content-type"), Lifecycle::of(headers)?))
}

/// `PUT` to the URL of an initiated upload. One that was cut may be sent again.
pub(super) async fn put(
    State(shared): State<SharedState>,
    Path((id, _name)): Path<(String, String)>,
    Query(ticket): Query<Ticket>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let ticket = ticket.upload_token.filter(|ticket| shared.tickets.admits(ticket, &id));
    let (ticket, body) = admit(ticket.ok_or_else(used_up), body).await?;
    let incoming = Incoming::receive(&shared.files.state, body).await?;
    let mut draft = shared.tickets.redeem(&ticket).ok_or_else(used_up)?;
    if let Some(sent) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) {
        sent.clone_into(&mut draft.record.content_type);
    }
    store(&shared, draft, incoming).await?;
    Ok(StatusCode::OK.into_response())
}

fn used_up() -> Refusal {
    Refusal::detail(StatusCode::FORBIDDEN, "The upload URL is unknown or used up")
}

async fn store(shared: &SharedState, draft: Draft, incoming: Incoming) -> Result<FileRecord, Refusal> {
    let files = Arc::clone(shared);
    let stored = tokio::task::spawn_blocking(move || files.files.put_upload(draft, incoming)).await;
    stored.ok().and_then(Result::ok).ok_or_else(Refusal::not_stored)
}
