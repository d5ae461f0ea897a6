//! The host for direct calls: no queue, no second attempt, and whoever hangs up cancels.

mod browser_token;
mod stream;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

use crate::auth::Payer;
use crate::front::Origin;
use crate::job::Job;
use crate::queue::{answer, fresh_id, result, stamped, submission};
use crate::runner;
use crate::shared::{Shared, SharedState};
use crate::work;

pub(crate) use browser_token::{BrowserTokens, token};

/// `POST /{endpoint id}`: the result itself, once it is there; with `/stream` behind, as server-sent events.
pub(crate) async fn run(
    State(shared): State<SharedState>,
    origin: Origin,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let path = path.trim_matches('/');
    let (endpoint_id, streams) = path.strip_suffix("/stream").map_or((path, false), |id| (id, true));
    let query = query.unwrap_or_default();
    let payer = match payer(&shared, endpoint_id, &query, &headers, streams) {
        Ok(payer) => payer,
        Err(refusal) => return stamped(refusal, &fresh_id()),
    };
    let job = match submission::read(&shared, payer, origin, endpoint_id, &query, &headers, body).await {
        Ok((_, job)) => job,
        Err(refusal) => return refusal,
    };
    let worker = Arc::clone(&shared);
    match shared.on_disk(move || worker.board.accept_directly(job)).await {
        // A faulty input is refused before a stream begins.
        Ok(Some(job)) if streams && work::check(&job).is_ok() => stream::stream(shared, job),
        Ok(Some(job)) => whole(shared, job).await,
        Ok(None) => too_many(shared.settings.runners),
        Err(_) => submission::not_recorded(),
    }
}

/// Who pays: a stream may come from a web page, with a token in the place of the key.
#[expect(clippy::result_large_err, reason = "the error is the answer, sent at once")]
fn payer(
    shared: &Shared,
    endpoint_id: &str,
    query: &str,
    headers: &HeaderMap,
    streams: bool,
) -> Result<Payer, Response> {
    match browser_token::in_query(query).filter(|_| streams) {
        Some(token) => shared.browser_tokens.payer(&token, endpoint_id, shared.clock.now()),
        None => shared.keys.payer(headers),
    }
}

async fn whole(shared: SharedState, job: Job) -> Response {
    let call = Call::of(&shared, &job);
    runner::run_directly(&shared, &job).await;
    let ended = shared.board.view(&job.id, Job::clone).unwrap_or(job);
    drop(call);
    result::of(&shared, ended.origin.urls(&shared), &ended)
}

/// A direct call that is being answered: when the client hangs up, this is dropped, and the work with it.
struct Call {
    shared: SharedState,
    id: String,
}

impl Call {
    fn of(shared: &SharedState, job: &Job) -> Self {
        Self { shared: Arc::clone(shared), id: job.id.clone() }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let shared = Arc::clone(&self.shared);
        let id = std::mem::take(&mut self.id);
        // Too late, and without effect, where the request has ended.
        self.shared.spawn(async move { runner::hang_up(&shared, &id).await });
    }
}

fn too_many(limit: usize) -> Response {
    let body = json!({
        "detail": format!("Reached concurrent requests limit of {limit}"),
        "type": "concurrent_requests_limit",
        "data": { "limit": limit },
    });
    let mut refusal = answer(StatusCode::TOO_MANY_REQUESTS, &fresh_id(), &body);
    let headers = refusal.headers_mut();
    headers.insert(HeaderName::from_static("x-fal-needs-retry"), HeaderValue::from_static("1"));
    headers.insert(HeaderName::from_static("x-fal-error-type"), HeaderValue::from_static("concurrent_requests_limit"));
    refusal
}
