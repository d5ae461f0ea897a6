//! What a browser has to be told before a web page may call fal's hosts: the page of somebody who develops on this machine.
//!
//! fal allows every page. Here one of the internet must not get at what is under way on this machine; only files, whose
//! addresses nobody can guess, are for all.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::host_class::HostClass;
use crate::local;

/// What fal's client for browsers reads, and the etag of a part.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "etag, x-fal-request-id, x-fal-billable-units, x-fal-error-type, x-fal-request-timeout-type",
);
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, DELETE");

/// Answers the question that a browser asks first, and marks the answers that a page may read.
pub(crate) async fn allow(request: Request, next: Next) -> Response {
    let (class, _) = HostClass::split(request.uri().path());
    let origin = request.headers().get(ORIGIN).filter(|_| class != HostClass::Other).filter(|origin| is_here(origin));
    let Some(origin) = origin.cloned() else { return next.run(request).await };
    let is_question =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut answer = if is_question { permission(request.headers()) } else { next.run(request).await };
    answer.headers_mut().entry(ACCESS_CONTROL_ALLOW_ORIGIN).or_insert(origin);
    answer.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    answer
}

fn is_here(origin: &HeaderValue) -> bool {
    origin.to_str().is_ok_and(local::is_origin_here)
}

/// Whatever headers are asked for may be sent.
fn permission(asked: &HeaderMap) -> Response {
    let headers = asked.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let allowed: [(HeaderName, HeaderValue); 2] = [
        (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (ACCESS_CONTROL_ALLOW_HEADERS, headers.unwrap_or(HeaderValue::from_static("*"))),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}
