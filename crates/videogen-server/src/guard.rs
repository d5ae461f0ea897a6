//! Who may ask: whoever has the token; and without one, programs of this machine, but no web page in its browser.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN, X_CONTENT_TYPE_OPTIONS};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;

use crate::problem::Problem;
use crate::routes::Shared;

/// Lets a request pass that shows the token, where there is one.
pub(crate) async fn token(State(host): State<Shared>, request: Request, next: Next) -> Result<Response, Problem> {
    let Some(token) = &host.token else { return Ok(next.run(request).await) };
    let shown = header(request.headers(), AUTHORIZATION).and_then(|value| value.split_once(' '));
    match shown {
        Some((scheme, shown)) if scheme.eq_ignore_ascii_case("bearer") && token.is(shown.trim()) => {
            Ok(next.run(request).await)
        }
        _ => Err(Problem::unauthorized()),
    }
}

/// On a loopback address, lets a request pass that was meant for this machine and comes from no foreign web page.
///
/// A web page can make its own name point to 127.0.0.1 (DNS rebinding), and send requests there in the user's name. Its
/// name stands in `Host` and `Origin` then.
pub(crate) async fn local_names(State(host): State<Shared>, request: Request, next: Next) -> Result<Response, Problem> {
    if host.on_loopback {
        let headers = request.headers();
        let asked = header(headers, HOST).and_then(|value| value.parse::<Authority>().ok());
        if !asked.is_some_and(|authority| is_local(authority.host())) {
            return Err(Problem::foreign_host());
        }
        let from = headers.get(ORIGIN).map(|origin| origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok()));
        if from.is_some_and(|origin| !origin.is_some_and(|origin| origin.host().is_some_and(is_local))) {
            return Err(Problem::foreign_origin());
        }
    }
    Ok(next.run(request).await)
}

/// Tells browsers to take answers for nothing but what they say they are.
pub(crate) async fn no_sniffing(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn is_local(name: &str) -> bool {
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for local in ["localhost", "LOCALHOST", "127.0.0.1", "127.0.0.2", "[::1]"] {
            assert!(is_local(local), "{local}");
        }
        for foreign in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", ""] {
            assert!(!is_local(foreign), "{foreign}");
        }
    }
}
