//! The rest host: tokens for the CDN, and uploads that are initiated here and sent there.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::body;
use crate::files::FileRecord;
use crate::front::Origin;
use crate::shared::SharedState;

/// `POST /storage/auth/token?storage_type=fal-cdn-v3`.
pub(crate) async fn token(State(shared): State<SharedState>, origin: Origin, headers: HeaderMap) -> Response {
    if let Err(refusal) = shared.keys.check(&headers) {
        return refusal;
    }
    let (token, ends) = shared.tokens.issue();
    // Clients in Python before 3.11 cannot read a `Z`, so fal writes the offset out.
    let expires_at = ends.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    let answer = json!({ "token": token, "token_type": "Bearer", "base_url": origin.urls(&shared).cdn, "expires_at": expires_at });
    body::json(StatusCode::OK, &answer)
}

#[derive(Deserialize)]
struct Initiation {
    file_name: Option<String>,
    content_type: Option<String>,
}

/// `POST /storage/upload/initiate`: a URL to put the file to, without credentials of its own, and the one to get it from.
pub(crate) async fn initiate(
    State(shared): State<SharedState>,
    origin: Origin,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(refusal) = shared.keys.check(&headers) {
        return refusal;
    }
    let bytes = match body::whole(body).await {
        Ok(bytes) => bytes,
        Err(refusal) => return refusal,
    };
    let Ok(asked) = serde_json::from_slice::<Initiation>(&bytes) else {
        return body::detail(StatusCode::UNPROCESSABLE_ENTITY, "file_name and content_type are expected as JSON");
    };
    let name = asked.file_name.as_deref().unwrap_or("file");
    let record = FileRecord::fresh(name, asked.content_type.as_deref().unwrap_or("application/octet-stream"));
    let file_url = format!("{}{}", origin.urls(&shared).cdn, record.path());
    let ticket = shared.tickets.issue(record);
    body::json(
        StatusCode::OK,
        &json!({ "upload_url": format!("{file_url}?upload_token={ticket}"), "file_url": file_url }),
    )
}
