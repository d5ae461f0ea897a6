//! `DELETE /v1/models/requests/{request_id}/payloads`: input, output and the video are gone; the bill stays.

use std::io;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::body;
use crate::front::Origin;
use crate::outcome::Outcome;
use crate::platform::access::require_key;
use crate::platform::refusal::Refusal;
use crate::shared::{Shared, SharedState};
use crate::urls::Urls;

/// Names each file that is deleted. Files that the input named stay.
pub(super) async fn delete(
    State(shared): State<SharedState>,
    origin: Origin,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    if id.parse::<Uuid>().is_err() {
        return Err(Refusal::invalid("request_id must be a UUID"));
    }
    let deletion = delete_all(&shared, origin.urls(&shared), id);
    let answer = shared.deletions.answer(&shared.clock, &headers, deletion).await?;
    Ok(body::json(StatusCode::OK, &answer))
}

async fn delete_all(shared: &SharedState, urls: &Urls, id: String) -> Result<Value, Refusal> {
    let outcome = shared.board.view(&id, |job| job.outcome.clone());
    let outcome = outcome.ok_or_else(|| Refusal::not_found("Request not found"))?;
    let outcome = outcome.ok_or_else(|| Refusal::invalid("The request has not ended"))?;
    let file = match &outcome {
        Outcome::Video { file_id } => shared.files.find(file_id),
        _ => None,
    };
    let mut results = Vec::new();
    if let Some(file) = file {
        let exception = delete_file(shared, file.id.clone()).await.err().map(|error| error.to_string());
        results.push(json!({ "link": format!("{}{}", urls.cdn, file.path()), "exception": exception }));
    }
    let worker = Arc::clone(shared);
    shared.on_disk(move || worker.board.forget(&id)).await.map_err(|_| Refusal::not_saved())?;
    Ok(json!({ "cdn_delete_results": results }))
}

async fn delete_file(shared: &SharedState, file_id: String) -> io::Result<()> {
    if is_shared(shared, &file_id) {
        return Err(io::Error::other("The file belongs to other requests too"));
    }
    let worker = Arc::clone(shared);
    tokio::task::spawn_blocking(move || worker.files.remove(&file_id)).await?
}

/// Without rendering, all requests have the same clip.
fn is_shared(shared: &Shared, file_id: &str) -> bool {
    let is_its = |outcome: &Outcome| matches!(outcome, Outcome::Video { file_id: id } if id == file_id);
    let owners = shared.board.view_all(|job| job.outcome.as_ref().is_some_and(is_its));
    shared.clip.get().is_some_and(|clip| clip == file_id) || owners.into_iter().filter(|owns| *owns).count() > 1
}
