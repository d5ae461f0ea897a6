//! The three calls of an upload in parts: begin, one for each part, complete.

use std::io;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::incoming::{Incoming, admit};
use super::multipart::{Listed, Multipart, part_number};
use super::refusal::Refusal;
use super::upload::{self, Ticket};
use crate::body;
use crate::front::Origin;
use crate::json_object;
use crate::shared::{Shared, SharedState};

/// `POST /files/upload/multipart` with the token of the rest host and no body.
pub(super) async fn begin(
    State(shared): State<SharedState>,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let draft = upload::draft(&shared, &headers)?;
    let access_url = format!("{}{}", origin.urls(&shared).cdn, draft.record.path());
    let begun = shared.multiparts.begin(draft);
    Ok(body::json(StatusCode::OK, &json!({ "access_url": access_url, "uploadId": begun.upload_id })))
}

/// `PUT …/multipart/{upload id}/{number}`. One client reads the etag from the header, the other from the body.
pub(super) async fn put(
    State(shared): State<SharedState>,
    Path((id, _name, upload_id, number)): Path<(String, String, String, String)>,
    Query(ticket): Query<Ticket>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let allowed = allowed(&shared, &id, &upload_id, &ticket, &headers).and_then(|()| part_number(&number));
    let (number, body) = admit(allowed, body).await?;
    let incoming = Incoming::receive(&shared.files.state, body).await?;
    let etag = shared.multiparts.put(&upload_id, number, incoming)?;
    let quoted = format!("\"{etag}\"");
    let answer = body::json(StatusCode::OK, &json!({ "partNumber": number, "etag": quoted }));
    Ok(([(header::ETAG, quoted)], answer).into_response())
}

#[derive(Deserialize)]
struct Completion {
    parts: Vec<Listed>,
}

/// `POST …/multipart/{upload id}/complete`.
pub(super) async fn complete(
    State(shared): State<SharedState>,
    origin: Origin,
    Path((id, _name, upload_id)): Path<(String, String, String)>,
    Query(ticket): Query<Ticket>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let ((), body) = admit(allowed(&shared, &id, &upload_id, &ticket, &headers), body).await?;
    let list = json_object::read::<Completion>(&body::whole(body).await?).map_err(|_| {
        Refusal::invalid(&["body", "parts"], "Expected a list of `partNumber` and `etag`", "value_error")
    })?;
    let upload = shared.multiparts.take(&upload_id, list.parts)?;
    let access_url = format!("{}{}", origin.urls(&shared).cdn, upload.draft.record.path());
    let stored = tokio::task::spawn_blocking(move || store(&shared, upload_id, upload)).await;
    if !matches!(stored, Ok(Ok(()))) {
        return Err(Refusal::not_stored().into());
    }
    Ok(body::json(StatusCode::OK, &json!({ "access_url": access_url })))
}

fn allowed(
    shared: &Shared,
    file_id: &str,
    upload_id: &str,
    ticket: &Ticket,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    if ticket.upload_token.is_none() {
        shared.tokens.check(headers)?;
    }
    shared.multiparts.check(upload_id, file_id, ticket.upload_token.as_deref())
}

/// Puts the parts together; where that fails, the upload is open again.
fn store(shared: &Shared, upload_id: String, upload: Multipart) -> io::Result<()> {
    let joined = Incoming::joined(&shared.files.state, upload.files());
    let stored = joined.and_then(|file| shared.files.put_upload(upload.draft.clone(), file));
    match stored {
        Ok(_) => Ok(()),
        Err(error) => {
            shared.multiparts.insert(upload_id, upload);
            Err(error)
        }
    }
}
