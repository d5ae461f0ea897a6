//! `GET` and `HEAD` of a file: whole or in part, for those who may read it.

use std::io::{self, Seek, SeekFrom};
use std::path::PathBuf;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures::{Stream, stream};
use serde::Deserialize;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::condition::{is_known, wants_range};
use super::file_record::FileRecord;
use super::files::Denied;
use super::range::{self, Part};
use super::refusal::Refusal;
use crate::shared::{Shared, SharedState};

/// Bytes read from the disk at a time.
const CHUNK: usize = 64 * 1024;
/// Any web page may read what it has the URL of.
const FOR_ALL_PAGES: (header::HeaderName, &str) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
/// A page that somebody has uploaded must not act for the emulator's own, which has the same origin.
const NO_SCRIPTS: (header::HeaderName, &str) = (header::CONTENT_SECURITY_POLICY, "sandbox");

/// The query of a signed URL.
#[derive(Deserialize)]
pub(crate) struct Signature {
    identity: Option<String>,
}

pub(crate) async fn download(
    State(shared): State<SharedState>,
    Path((id, _name)): Path<(String, String)>,
    Query(signature): Query<Signature>,
    headers: HeaderMap,
) -> Response {
    let answer = match readable(&shared, &id, &signature, &headers) {
        Ok(record) => serve(&shared, &record, &headers).await,
        Err(refusal) => Err(refusal),
    };
    ([FOR_ALL_PAGES, NO_SCRIPTS], answer).into_response()
}

/// The owner reads every file with a token of the rest host, everybody else what the ACL or a signature allows.
fn readable(shared: &Shared, id: &str, signature: &Signature, headers: &HeaderMap) -> Result<FileRecord, Refusal> {
    if shared.tokens.check(headers).is_ok() {
        return shared.files.find(id).ok_or_else(missing);
    }
    shared.files.read(id, signature.identity.as_deref()).map_err(|denied| match denied {
        Denied::Missing => missing(),
        Denied::Forbidden => Refusal::detail(StatusCode::FORBIDDEN, "Access to the file is forbidden"),
    })
}

fn missing() -> Refusal {
    Refusal::detail(StatusCode::NOT_FOUND, "File not found")
}

async fn serve(shared: &Shared, record: &FileRecord, headers: &HeaderMap) -> Result<Response, Refusal> {
    let etag = format!("\"{}\"", record.id);
    if is_known(headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let part = match range::of(asked.filter(|_| wants_range(headers, &etag)), record.size) {
        Ok(part) => part,
        Err(range::Unsatisfiable) => {
            let whole = format!("bytes */{}", record.size);
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, whole)]).into_response());
        }
    };
    let file = open(shared.files.content(&record.id), part).await.map_err(|_| missing())?;
    Ok(send(record, etag, part, file))
}

async fn open(path: PathBuf, part: Part) -> io::Result<File> {
    // In one turn off the threads that serve: most videos of a load test are so small that the turns are all their cost.
    let opened = tokio::task::spawn_blocking(move || {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(part.start))?;
        Ok(File::from_std(file))
    });
    opened.await.unwrap_or_else(|broken| Err(io::Error::other(broken)))
}

fn send(record: &FileRecord, etag: String, part: Part, file: File) -> Response {
    let headers = [
        (header::CONTENT_TYPE, record.content_type.clone()),
        (header::CONTENT_LENGTH, part.length.to_string()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{}\"", record.name)),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, etag),
    ];
    let bytes = Body::from_stream(chunks(file, part.length));
    if part.is_partial {
        let range = [(header::CONTENT_RANGE, part.content_range(record.size))];
        (StatusCode::PARTIAL_CONTENT, headers, range, bytes).into_response()
    } else {
        (headers, bytes).into_response()
    }
}

fn chunks(file: File, length: u64) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let mut chunk = BytesMut::with_capacity(CHUNK);
        let read = (&mut file).take(left).read_buf(&mut chunk).await? as u64;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some((chunk.freeze(), (file, left - read))))
    })
}
