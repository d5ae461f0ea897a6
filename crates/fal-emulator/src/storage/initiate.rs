//! Uploads that are initiated on the rest host and sent to the CDN, without credentials but the URL itself.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::file_record::Draft;
use super::lifecycle::Lifecycle;
use super::refusal::Refusal;
use crate::body;
use crate::front::Origin;
use crate::json_object;
use crate::shared::SharedState;

#[derive(Deserialize)]
pub(super) struct Kind {
    storage_type: Option<String>,
}

#[derive(Deserialize)]
struct Initiation {
    file_name: Option<String>,
    content_type: Option<String>,
}

/// `POST /storage/upload/initiate`: a URL to put the file to, and the one to get it from.
pub(super) async fn initiate(
    State(shared): State<SharedState>,
    origin: Origin,
    Query(kind): Query<Kind>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    shared.keys.check(&headers)?;
    let draft = draft(&kind, &headers, body).await?;
    let file_url = format!("{}{}", origin.urls(&shared).cdn, draft.record.path());
    let ticket = shared.tickets.issue(draft);
    Ok(answer(&format!("{file_url}?upload_token={ticket}"), &file_url))
}

/// `POST /storage/upload/initiate-multipart`: the client adds `/{number}` and `/complete` to the path of the URL.
pub(super) async fn initiate_multipart(
    State(shared): State<SharedState>,
    origin: Origin,
    Query(kind): Query<Kind>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    shared.keys.check(&headers)?;
    let draft = draft(&kind, &headers, body).await?;
    let file_url = format!("{}{}", origin.urls(&shared).cdn, draft.record.path());
    let begun = shared.multiparts.begin(draft);
    let upload_url = format!("{file_url}/multipart/{}?upload_token={}", begun.upload_id, begun.ticket);
    Ok(answer(&upload_url, &file_url))
}

async fn draft(kind: &Kind, headers: &HeaderMap, body: Body) -> Result<Draft, Response> {
    if !matches!(kind.storage_type.as_deref(), None | Some("fal-cdn-v3" | "gcs")) {
        let message = "Expected `fal-cdn-v3` or `gcs`";
        return Err(Refusal::invalid(&["query", "storage_type"], message, "enum").into());
    }
    let lifecycle = Lifecycle::of(headers)?;
    let bytes = body::whole(body).await?;
    let asked: Initiation = json_object::read(&bytes)
        .map_err(|_| Refusal::invalid(&["body"], "Expected `file_name` and `content_type` as JSON", "value_error"))?;
    Ok(Draft::new(asked.file_name.as_deref(), asked.content_type.as_deref(), lifecycle))
}

fn answer(upload_url: &str, file_url: &str) -> Response {
    body::json(StatusCode::OK, &json!({ "upload_url": upload_url, "file_url": file_url }))
}
