//! The page for people: requests, bill and videos of this emulator, live.

mod overview;

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::{Stream, stream};
use tokio::sync::broadcast::Receiver;
use tokio::time::sleep;

use crate::body;
use crate::host_class::HostClass;
use crate::request_log::RecordedRequest;
use crate::shared::SharedState;

const PAGE: &str = include_str!("page.html");
/// Everything comes from the emulator itself, and nothing that a client sent can become a script.
const POLICY: &str = "default-src 'none'; connect-src 'self'; media-src 'self'; \
                      script-src 'unsafe-inline'; style-src 'unsafe-inline'; frame-ancestors 'none'";
/// The page is told of news no more often than this.
const BETWEEN_NEWS: Duration = Duration::from_millis(200);

/// `/`, and what the page reads.
pub(crate) fn routes() -> Router<SharedState> {
    Router::new()
        .route("/", get(page))
        .route("/emulator/overview", get(overview))
        .route("/emulator/news", get(news))
        .route_layer(middleware::from_fn(refuse_strangers))
}

async fn page() -> Response {
    let kind = "text/html; charset=utf-8";
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, POLICY)], PAGE).into_response()
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

/// A page of the internet whose name leads here must not read what is here: the host has to be this machine.
async fn refuse_strangers(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    if host.is_some_and(is_this_machine) {
        return next.run(request).await;
    }
    body::detail(StatusCode::FORBIDDEN, "This page is for this machine; open it as http://127.0.0.1")
}

fn is_this_machine(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_pass() {
        for near in ["127.0.0.1:8811", "localhost", "localhost:1", "[::1]:8811", "[::1]"] {
            assert!(is_this_machine(near), "{near}");
        }
        for far in ["evil.example:8811", "localhost.evil.example", "10.0.0.1", ""] {
            assert!(!is_this_machine(far), "{far}");
        }
    }
}
