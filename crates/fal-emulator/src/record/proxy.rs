//! One request on its way to the real host, and the answer on its way back.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::body::detail;
use crate::front::Cut;
use crate::record::desk::Desk;
use crate::record::draft::Draft;
use crate::record::headers;
use crate::record::hosts::Hosts;
use crate::record::incoming::Incoming;
use crate::record::passage;
use crate::record::tape::Tape;

/// What every request needs.
pub(super) struct Proxy {
    pub(super) hosts: Hosts,
    pub(super) desk: Arc<Desk>,
}

/// How the body of an answer is passed on.
enum Way {
    Empty,
    Rewritten,
    Events,
    Relayed,
}

/// Answers every request, whatever its path.
pub(super) async fn forward(State(proxy): State<Arc<Proxy>>, request: Request) -> Response {
    let incoming = match Incoming::read(request).await {
        Ok(incoming) => incoming,
        Err(refusal) => return refusal,
    };
    let Some(host) = proxy.hosts.find(&incoming) else {
        return detail(StatusCode::NOT_FOUND, "The recorder has no host for this path");
    };
    let draft = Draft::begin(&proxy.desk, &incoming);
    match proxy.hosts.send(host, &incoming, &proxy.desk.cleaner.addresses).await {
        Ok(answer) => pass_on(draft, answer, &incoming.method, &proxy.desk).await,
        Err(error) if error.is_connect() || error.is_builder() => {
            draft.forget();
            detail(StatusCode::BAD_GATEWAY, "The recorder could not reach the host; nothing was sent")
        }
        Err(_) => {
            draft.finish(true).await;
            Cut::Close.into_response()
        }
    }
}

async fn pass_on(mut draft: Draft, answer: reqwest::Response, method: &Method, desk: &Arc<Desk>) -> Response {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let way = Way::of(status, &headers, method);
    let mut own = own_headers(&headers, desk);
    if matches!(way, Way::Rewritten | Way::Events) {
        own.remove(header::CONTENT_LENGTH);
    }
    let length = headers::content_length(&headers);
    let tape = match way {
        Way::Relayed if headers::is_encoded(&headers) => Tape::Unreadable,
        Way::Events => Tape::events(),
        _ => Tape::default(),
    };
    draft.answered(status, headers, tape);
    let pieces = Box::pin(answer.bytes_stream());
    let body = match way {
        Way::Empty => {
            draft.finish(false).await;
            Body::empty()
        }
        Way::Rewritten => passage::rewritten(draft, pieces, desk).await,
        Way::Events => Body::from_stream(passage::events(draft, pieces, desk)),
        Way::Relayed => Body::from_stream(passage::relayed(draft, pieces, length)),
    };
    (status, own, body).into_response()
}

impl Way {
    fn of(status: StatusCode, headers: &HeaderMap, method: &Method) -> Self {
        let is_bare = method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if is_bare || headers::content_length(headers) == Some(0) {
            Self::Empty
        } else if headers::is_encoded(headers) {
            Self::Relayed
        } else if headers::is_events(headers) {
            Self::Events
        } else if headers::is_json(headers) {
            Self::Rewritten
        } else {
            Self::Relayed
        }
    }
}

fn own_headers(headers: &HeaderMap, desk: &Desk) -> HeaderMap {
    let mut own = headers::end_to_end(headers);
    if let Some(location) = own.get(header::LOCATION).and_then(|value| value.to_str().ok())
        && let Ok(location) = HeaderValue::from_str(&desk.cleaner.addresses.to_own(location))
    {
        own.insert(header::LOCATION, location);
    }
    own
}
