//! Every HTTP request that came in, in order: what tests count.

use std::sync::{Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::host_class::HostClass;
use crate::shared::SharedState;

/// One received request, without its headers and body, so that no key and no prompt is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The HTTP method, for example `POST`.
    pub method: String,
    /// Path and query as fal would see them, without the prefix of the host class: `/fal-ai/…/status?logs=1`.
    pub path_and_query: String,
    /// The host class whose prefix the request came under.
    pub host_class: HostClass,
}

/// The list behind [`Emulator::requests`](crate::Emulator::requests).
#[derive(Default)]
pub(crate) struct RequestLog {
    requests: Mutex<Vec<RecordedRequest>>,
}

impl RequestLog {
    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The latest requests, newest first.
    pub(crate) fn latest(&self, most: usize) -> Vec<RecordedRequest> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().rev().take(most).cloned().collect()
    }

    fn record(&self, request: &Request) {
        let whole = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let (host_class, path) = HostClass::split(whole);
        let recorded =
            RecordedRequest { method: request.method().to_string(), path_and_query: without_token(path), host_class };
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
    }
}

/// Notes the request, then lets it through.
pub(crate) async fn record(State(shared): State<SharedState>, request: Request, next: Next) -> Response {
    shared.log.record(&request);
    next.run(request).await
}

/// The query of an upload URL is a credential.
fn without_token(path: &str) -> String {
    match path.split_once("?upload_token=") {
        Some((bare, _)) => format!("{bare}?upload_token=…"),
        None => path.to_owned(),
    }
}
