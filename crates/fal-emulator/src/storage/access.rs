//! Who may read a file, on the platform API: `GET` and `PUT /v1/storage/files/acl`, `POST /v1/storage/files/sign`.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::acl::Acl;
use super::address::FileAddress;
use super::file_record::FileRecord;
use crate::body;
use crate::front::Origin;
use crate::platform::{Refusal, json_body, require_key};
use crate::shared::{Shared, SharedState};

/// The longest that a signed URL may be good for: seven days, in seconds.
const LONGEST: u64 = 7 * 24 * 60 * 60;

/// The file that a call is about.
#[derive(Deserialize)]
pub(super) struct Subject {
    url: Option<String>,
}

pub(super) async fn acl(
    State(shared): State<SharedState>,
    Query(subject): Query<Subject>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let record = subject.find(&shared)?;
    Ok(body::json(StatusCode::OK, &json!(record.acl.unwrap_or_default())))
}

pub(super) async fn set_acl(
    State(shared): State<SharedState>,
    Query(subject): Query<Subject>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let record = subject.find(&shared)?;
    let acl: Acl = json_body(body).await?;
    let answer = body::json(StatusCode::OK, &json!(acl));
    let saved = tokio::task::spawn_blocking(move || shared.files.set_acl(&record.id, acl)).await;
    match saved {
        Ok(Ok(true)) => Ok(answer),
        Ok(Ok(false)) => Err(not_found()),
        _ => Err(Refusal::not_saved()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signing {
    expiration_seconds: u64,
}

/// A URL that opens the file for a time, whatever its ACL says.
pub(super) async fn sign(
    State(shared): State<SharedState>,
    origin: Origin,
    Query(subject): Query<Subject>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let record = subject.find(&shared)?;
    let asked: Signing = json_body(body).await?;
    if !(1..=LONGEST).contains(&asked.expiration_seconds) {
        return Err(Refusal::invalid("`expiration_seconds` must be from 1 to 604800"));
    }
    let end = shared.clock.after(Duration::from_secs(asked.expiration_seconds));
    let identity = shared.files.signer.sign(&record.id, end);
    let signed_url = format!("{}{}?identity={identity}", origin.urls(&shared).cdn, record.path());
    Ok(body::json(StatusCode::OK, &json!({ "signed_url": signed_url })))
}

impl Subject {
    fn find(&self, shared: &Shared) -> Result<FileRecord, Refusal> {
        let url = self.url.as_deref().unwrap_or_default();
        let address = FileAddress::parse(url).filter(|address| address.query.is_none());
        let address =
            address.ok_or_else(|| Refusal::invalid("`url` must be the URL of a CDN file, without a query"))?;
        shared.files.find(address.id).ok_or_else(not_found)
    }
}

fn not_found() -> Refusal {
    Refusal::not_found("File not found")
}
