//! A part on the wire: the same for both ways, but for the address and the authorisation.

use std::time::Duration;

use bytes::Bytes;
use fal_core::{Authorization, Call, FalClient, HostClass};
use http::{HeaderValue, Method, header};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::flow::Part;
use super::wire::{JSON, call};
use crate::Error;

const SENDING: &str = "the upload of a part";
const COMPLETING: &str = "the end of the upload";

/// The address one segment below another.
pub(super) fn below(base: &Url, last: &str) -> Url {
    let mut url = base.clone();
    // An http address always has a path.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push(last);
    }
    url
}

/// Sends a part. fal tells its etag in a header or in the body, depending on the way.
pub(super) async fn send(
    client: &FalClient,
    url: Url,
    authorization: Authorization,
    number: u32,
    bytes: Bytes,
    time: Duration,
) -> Result<Part, Error> {
    #[derive(Deserialize)]
    struct Body {
        etag: String,
    }
    let put = Call::new(Method::PUT, HostClass::Cdn, url)
        .with_authorization(authorization)
        .with_timeout(time)
        .with_body(HeaderValue::from_static("application/octet-stream"), bytes);
    let answer = call(client, put, SENDING).await?;
    let in_header = answer.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    let etag = match in_header {
        Some(etag) => etag,
        None => serde_json::from_slice::<Body>(&answer.body).map_err(|error| Error::answer(SENDING, error))?.etag,
    };
    Ok(Part { number, etag })
}

/// Puts the parts together. To ask again is free: the parts are the same.
pub(super) async fn complete(
    client: &FalClient,
    url: Url,
    authorization: Authorization,
    parts: &[Part],
) -> Result<(), Error> {
    let listed: Vec<_> = parts.iter().map(|part| json!({ "partNumber": part.number, "etag": part.etag })).collect();
    let post = Call::new(Method::POST, HostClass::Cdn, url)
        .with_authorization(authorization)
        .with_body(JSON, json!({ "parts": listed }).to_string());
    call(client, post, COMPLETING).await.map(drop)
}
