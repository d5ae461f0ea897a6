//! The page for people: requests, bill and videos of this emulator, live.

mod overview;

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::{Stream, stream};
use tokio::sync::broadcast::Receiver;
use tokio::time::sleep;

use crate::body;
use crate::host_class::HostClass;
use crate::local::refuse_strangers;
use crate::request_log::RecordedRequest;
use crate::shared::SharedState;
use crate::storage;

/// Everything comes from the emulator itself, and nothing that a client sent can become a script.
const POLICY: &str = "default-src 'none'; connect-src 'self'; media-src 'self'; img-src data:; \
                      script-src 'self'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
/// The page is told of news no more often than this.
const BETWEEN_NEWS: Duration = Duration::from_millis(200);

/// `/`, and what the page reads.
pub(crate) fn routes() -> Router<SharedState> {
    Router::new()
        .route("/", get(page))
        .route("/emulator/page.css", get(style))
        .route("/emulator/page.js", get(script))
        .route("/emulator/overview", get(overview))
        .route("/emulator/news", get(news))
        // The same files again, so that what the page loads counts among no client's exchanges, and no fault strikes it.
        .route("/emulator/files/b/{id}/{name}", get(storage::download))
        .route_layer(middleware::from_fn(refuse_strangers))
}

async fn page() -> Response {
    let page = part("text/html; charset=utf-8", include_str!("page.html"));
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
}

async fn style() -> Response {
    part("text/css; charset=utf-8", include_str!("page.css"))
}

async fn script() -> Response {
    part("text/javascript; charset=utf-8", include_str!("page.js"))
}

/// A file of the page. Browsers ask for it each time, since the next version of the emulator has another one.
fn part(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

async fn overview(State(shared): State<SharedState>) -> Response {
    body::json(StatusCode::OK, &overview::overview(&shared))
}

/// An event whenever something has changed, and one at the start.
async fn news(State(shared): State<SharedState>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut changed = shared.board.watch_all();
    changed.mark_changed();
    let events = stream::unfold((changed, shared.log.subscribe()), |(mut changed, mut requests)| async move {
        tokio::select! {
            alive = changed.changed() => alive.ok()?,
            () = foreign(&mut requests) => {}
        }
        sleep(BETWEEN_NEWS).await;
        changed.mark_unchanged();
        requests = requests.resubscribe();
        Some((Ok(Event::default().data("changed")), (changed, requests)))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// Waits for a request that the page itself has not made.
async fn foreign(requests: &mut Receiver<RecordedRequest>) {
    while let Ok(request) = requests.recv().await {
        if request.host_class != HostClass::Other {
            return;
        }
    }
}
