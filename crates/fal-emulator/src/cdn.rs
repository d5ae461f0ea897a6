//! The CDN host: files in, files out, whole or in part.

use std::io::SeekFrom;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures::{Stream, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::body;
use crate::files::FileRecord;
use crate::front::Origin;
use crate::range::{self, Part};
use crate::shared::SharedState;

/// Bytes read from the disk at a time.
const CHUNK: usize = 64 * 1024;

/// `POST /files/upload` with the token of the rest host; the body is the file.
pub(crate) async fn upload(
    State(shared): State<SharedState>,
    origin: Origin,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(refusal) = shared.tokens.check(&headers) {
        return refusal;
    }
    let text = |name: &str, default: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or(default).to_owned()
    };
    let name = text("x-fal-file-name", "file");
    let record = FileRecord::fresh(&name, &text("content-type", "application/octet-stream"));
    match store(&shared, record, body).await {
        Ok(stored) => {
            let url = format!("{}{}", origin.urls(&shared).cdn, stored.path());
            body::json(StatusCode::OK, &json!({ "access_url": url }))
        }
        Err(refusal) => refusal,
    }
}

#[derive(Deserialize)]
pub(crate) struct Ticket {
    upload_token: Option<String>,
}

/// `PUT` to the upload URL of an initiated upload; the ticket in the query is the only credential.
pub(crate) async fn put(
    State(shared): State<SharedState>,
    Path((id, _name)): Path<(String, String)>,
    Query(ticket): Query<Ticket>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(mut record) = ticket.upload_token.and_then(|ticket| shared.tickets.redeem(&ticket, &id)) else {
        return body::detail(StatusCode::FORBIDDEN, "The upload URL is unknown or used up");
    };
    if let Some(sent) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) {
        sent.clone_into(&mut record.content_type);
    }
    match store(&shared, record, body).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(refusal) => refusal,
    }
}

async fn store(shared: &SharedState, record: FileRecord, body: Body) -> Result<FileRecord, Response> {
    let bytes = body::whole(body).await?;
    if bytes.is_empty() {
        return Err(body::detail(StatusCode::BAD_REQUEST, "Content length appears to be zero - refusing to proceed"));
    }
    let files = Arc::clone(shared);
    let stored = tokio::task::spawn_blocking(move || files.files.put(record, &bytes)).await;
    match stored {
        Ok(Ok(stored)) => {
            shared.files.count_upload();
            Ok(stored)
        }
        _ => Err(body::detail(StatusCode::INTERNAL_SERVER_ERROR, "The file could not be stored")),
    }
}

/// `GET` and `HEAD` of a file, with single ranges.
pub(crate) async fn download(
    State(shared): State<SharedState>,
    Path((id, _name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(record) = shared.files.find(&id) else {
        return body::detail(StatusCode::NOT_FOUND, "File not found");
    };
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let part = match range::of(asked, record.size) {
        Ok(part) => part,
        Err(range::Unsatisfiable) => {
            let whole = format!("bytes */{}", record.size);
            return (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, whole)]).into_response();
        }
    };
    match open(shared.files.content(&id), part).await {
        Ok(file) => send(&record, part, file),
        Err(_) => body::detail(StatusCode::NOT_FOUND, "File not found"),
    }
}

async fn open(path: std::path::PathBuf, part: Part) -> std::io::Result<File> {
    let mut file = File::open(path).await?;
    file.seek(SeekFrom::Start(part.start)).await?;
    Ok(file)
}

fn send(record: &FileRecord, part: Part, file: File) -> Response {
    let status = if part.is_partial { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut answer = (
        status,
        [
            (header::CONTENT_TYPE, record.content_type.clone()),
            (header::CONTENT_LENGTH, part.length.to_string()),
            (header::ACCEPT_RANGES, "bytes".to_owned()),
            (header::ETAG, format!("\"{}\"", record.id)),
        ],
        Body::from_stream(chunks(file, part.length)),
    )
        .into_response();
    if part.is_partial
        && let Ok(value) = part.content_range(record.size).parse()
    {
        answer.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    answer
}

fn chunks(file: File, length: u64) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let mut chunk = BytesMut::with_capacity(CHUNK);
        let read = (&mut file).take(left).read_buf(&mut chunk).await? as u64;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some((chunk.freeze(), (file, left - read))))
    })
}
