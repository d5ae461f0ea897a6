//! By which names a client reached the emulator, so that the URLs in its answers lead it back the same way.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode, Uri, Version, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::front::tunnel::no_network;
use crate::shared::Shared;
use crate::urls::Urls;
use crate::{body, fal_hosts};

/// The names that a request came by. A handler takes it as an argument.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// The emulator's own address, with a path prefix for each host class.
    #[default]
    Emulator,
    /// fal's own names: the client's hosts are redirected, or it uses the proxy.
    Fal,
}

impl Origin {
    /// The base URLs for the answer.
    pub(crate) fn urls(self, shared: &Shared) -> &Urls {
        match self {
            Self::Emulator => &shared.urls,
            Self::Fal => Urls::of_fal(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

/// Puts a request under one of fal's names on the path of its host class, as the table of paths knows no hosts.
#[expect(clippy::result_large_err, reason = "the error is the answer, sent at once")]
pub(super) fn place<B>(request: &mut Request<B>) -> Result<(), Response> {
    let Some(class) = host(request).and_then(fal_hosts::class_of) else {
        return if is_proxied(request) { Err(no_network()) } else { Ok(()) };
    };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let placed = class.prefixed(path).parse::<Uri>();
    *request.uri_mut() = placed.map_err(|_| body::detail(StatusCode::URI_TOO_LONG, "The URL is too long"))?;
    request.extensions_mut().insert(Origin::Fal);
    Ok(())
}

/// The host that is asked for; a whole URL outranks the header.
fn host<B>(request: &Request<B>) -> Option<&str> {
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(header::HOST)?.to_str().ok(),
    }
}

/// In HTTP/1, only a client that speaks to a proxy sends the whole URL; in HTTP/2, everyone does.
fn is_proxied<B>(request: &Request<B>) -> bool {
    request.version() < Version::HTTP_2 && request.uri().authority().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(version: Version, uri: &str, host: Option<&str>) -> Result<(String, Option<Origin>), u16> {
        let mut request = Request::builder().version(version).uri(uri);
        if let Some(host) = host {
            request = request.header(header::HOST, host);
        }
        let mut request = request.body(()).expect("is a request");
        place(&mut request).map_err(|refusal| refusal.status().as_u16())?;
        Ok((request.uri().to_string(), request.extensions().get().copied()))
    }

    #[test]
    fn a_name_of_fals_takes_the_place_of_the_prefix() {
        for (uri, host, path) in [
            ("/fal-ai/x?logs=1", Some("queue.fal.run"), "/queue/fal-ai/x?logs=1"),
            ("/fal-ai/x", Some("QUEUE.falrun.com:443"), "/queue/fal-ai/x"),
            ("/queue/x", Some("fal.run"), "/run/queue/x"),
            ("http://v3b.fal.media/files/b/1/a.png", None, "/cdn/files/b/1/a.png"),
            ("https://rest.fal.ai", Some("127.0.0.1"), "/rest/"),
            ("/v1/models", Some("api.fal.ai"), "/platform/v1/models"),
            ("/", Some("fal.ai"), "/site/"),
        ] {
            assert_eq!(placed(Version::HTTP_11, uri, host), Ok((path.to_owned(), Some(Origin::Fal))), "{uri}");
        }
    }

    #[test]
    fn any_other_host_is_the_emulator_itself_unless_it_was_to_be_reached_through_it() {
        let itself = |uri: &str| Ok((uri.to_owned(), None));
        for host in [None, Some("127.0.0.1:8811"), Some("fal:8811"), Some("\u{e9}")] {
            assert_eq!(placed(Version::HTTP_11, "/queue/x", host), itself("/queue/x"));
        }
        assert_eq!(placed(Version::HTTP_2, "http://fal:8811/queue/x", None), itself("http://fal:8811/queue/x"));
        assert_eq!(placed(Version::HTTP_11, "http://example.com/queue/x", Some("queue.fal.run")), Err(403));
    }

    #[test]
    fn a_path_that_has_no_room_for_the_prefix_is_refused() {
        let longest = format!("/{}", "x".repeat(65_530));
        assert_eq!(placed(Version::HTTP_11, &longest, Some("queue.fal.run")), Err(414));
    }
}
