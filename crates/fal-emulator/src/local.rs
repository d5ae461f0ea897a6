//! What the emulator serves of its own, besides fal: for this machine alone.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::body;

/// A page of the internet must neither read nor change what is here: not under a name of its own that leads here, and not by
/// sending requests across.
pub(crate) async fn refuse_strangers(request: Request, next: Next) -> Response {
    if is_local(&request) {
        return next.run(request).await;
    }
    body::detail(StatusCode::FORBIDDEN, "This is for this machine alone; open it as http://127.0.0.1")
}

fn is_local(request: &Request) -> bool {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let host = header(header::HOST).or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    host.is_some_and(is_this_machine) && header(header::ORIGIN).is_none_or(is_origin_here)
}

/// Whether this is the origin of a page that this machine serves.
pub(crate) fn is_origin_here(origin: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, authority)| is_this_machine(authority))
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
            assert!(is_origin_here(&format!("http://{near}")), "{near}");
        }
        for far in ["evil.example:8811", "localhost.evil.example", "10.0.0.1", ""] {
            assert!(!is_this_machine(far), "{far}");
            assert!(!is_origin_here(&format!("https://{far}")), "{far}");
        }
        assert!(!is_origin_here("null"));
    }
}
