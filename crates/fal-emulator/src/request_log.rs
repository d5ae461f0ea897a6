//! The HTTP requests that came in, in order: what tests count, and what a live page shows.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use tokio::sync::broadcast;

use crate::faults::FaultHits;
use crate::front::Cut;
use crate::host_class::HostClass;
use crate::shared::SharedState;

/// How many requests are kept, the last ones.
const KEPT: usize = 100_000;
/// How many requests a subscriber may lag behind before it loses the oldest.
const LAG: usize = 1024;

/// One received request, without its headers and body, so that no key and no prompt is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// When it came in, on the emulator's clock.
    pub at: Timestamp,
    /// The HTTP method, for example `POST`.
    pub method: String,
    /// Path and query as fal would see them, without the prefix of the host class: `/fal-ai/…/status?logs=1`.
    pub path_and_query: String,
    /// The host class whose prefix, or under whose name, the request came.
    pub host_class: HostClass,
    /// The HTTP status that was answered. `None` before the answer, and for good where the connection ended without one.
    pub status: Option<u16>,
    /// The names of the faults that struck it, such as `reply-lost`.
    pub faults: Vec<&'static str>,
}

/// The list behind [`Emulator::requests`](crate::Emulator::requests).
pub(crate) struct RequestLog {
    kept: Mutex<Kept>,
    subscribers: broadcast::Sender<RecordedRequest>,
}

#[derive(Default)]
struct Kept {
    /// The number of the first one that is still there.
    first: usize,
    requests: VecDeque<RecordedRequest>,
}

/// A request in progress; its end is noted when it is dropped, however that comes.
struct InProgress<'a> {
    log: &'a RequestLog,
    number: usize,
    status: Option<u16>,
    faults: Vec<&'static str>,
}

impl Default for RequestLog {
    fn default() -> Self {
        Self { kept: Mutex::default(), subscribers: broadcast::Sender::new(LAG) }
    }
}

impl RequestLog {
    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.kept().requests.iter().cloned().collect()
    }

    /// The latest of the wanted requests, newest first.
    pub(crate) fn latest(&self, most: usize, wanted: fn(&RecordedRequest) -> bool) -> Vec<RecordedRequest> {
        self.kept().requests.iter().rev().filter(|request| wanted(request)).take(most).cloned().collect()
    }

    /// Every request from now on, each once it is answered, cut or abandoned.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<RecordedRequest> {
        self.subscribers.subscribe()
    }

    fn begin(&self, request: RecordedRequest) -> InProgress<'_> {
        let mut kept = self.kept();
        if kept.requests.len() == KEPT {
            kept.requests.pop_front();
            kept.first += 1;
        }
        kept.requests.push_back(request);
        InProgress { log: self, number: kept.first + kept.requests.len() - 1, status: None, faults: Vec::new() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        let mut kept = self.log.kept();
        let index = self.number.checked_sub(kept.first);
        let Some(request) = index.and_then(|index| kept.requests.get_mut(index)) else { return };
        request.status = self.status;
        request.faults = std::mem::take(&mut self.faults);
        if self.log.subscribers.receiver_count() > 0 {
            // That the last subscriber has just left is no fault.
            let _ = self.log.subscribers.send(request.clone());
        }
    }
}

/// Notes the request, lets it through, and notes the answer.
pub(crate) async fn record(State(shared): State<SharedState>, request: Request, next: Next) -> Response {
    let mut in_progress = shared.log.begin(describe(&request, shared.clock.now()));
    let response = next.run(request).await;
    if let Some(FaultHits(names)) = response.extensions().get() {
        in_progress.faults.clone_from(names);
    }
    in_progress.status = response.extensions().get::<Cut>().is_none().then(|| response.status().as_u16());
    response
}

fn describe(request: &Request, at: Timestamp) -> RecordedRequest {
    let whole = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let (host_class, path) = HostClass::split(whole);
    RecordedRequest {
        at,
        method: request.method().to_string(),
        path_and_query: without_token(path),
        host_class,
        status: None,
        faults: Vec::new(),
    }
}

/// The queries of upload URLs and signed URLs are credentials.
fn without_token(path: &str) -> String {
    let Some((bare, query)) = path.split_once('?') else { return path.to_owned() };
    let shown = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name @ ("upload_token" | "identity" | "fal_jwt_token"), _)) => format!("{name}=…"),
        _ => pair.to_owned(),
    });
    format!("{bare}?{}", shown.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> RecordedRequest {
        describe(&Request::get(path).body(axum::body::Body::empty()).expect("is a request"), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_last_ones_are_kept_and_each_gets_its_own_status() {
        let log = RequestLog::default();
        let mut first = log.begin(request("/queue/first"));
        first.status = Some(200);
        let mut second = log.begin(request("/queue/second"));
        second.status = Some(404);
        for _ in 0..KEPT - 1 {
            drop(log.begin(request("/queue/x")));
        }
        drop((first, second));
        let all = log.all();
        assert_eq!((all.len(), all[0].path_and_query.as_str(), all[0].status), (KEPT, "/second", Some(404)));
        assert!(all[1..].iter().all(|request| request.status.is_none()));
    }

    #[test]
    fn what_is_not_wanted_takes_no_place_among_the_latest() {
        let log = RequestLog::default();
        drop(log.begin(request("/queue/wanted")));
        for _ in 0..10 {
            drop(log.begin(request("/emulator/overview")));
        }
        let latest = log.latest(1, |request| request.host_class != HostClass::Other);
        assert_eq!(latest[0].path_and_query, "/wanted");
    }

    #[tokio::test]
    async fn a_subscriber_sees_each_request_when_it_is_over() {
        let log = RequestLog::default();
        let mut seen = log.subscribe();
        let (mut long, abandoned) = (log.begin(request("/run/long")), log.begin(request("/cdn/abandoned")));
        drop(abandoned);
        long.status = Some(200);
        drop(long);
        let mut next = async || seen.recv().await.map(|request| (request.path_and_query, request.status));
        assert_eq!(next().await, Ok(("/abandoned".to_owned(), None)));
        assert_eq!(next().await, Ok(("/long".to_owned(), Some(200))));
    }

    #[test]
    fn the_credential_of_an_upload_is_not_kept() {
        assert_eq!(
            request("/cdn/files/b/1/a.png?upload_token=secret").path_and_query,
            "/files/b/1/a.png?upload_token=…"
        );
    }
}
