//! A request as it came in, and what of it goes into a recording.

use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use bytes::Bytes;

use crate::body;
use crate::host_class::HostClass;
use crate::record::cleaner::Cleaner;
use crate::record::exchange::{Body, Call};
use crate::record::headers;

/// A whole request, at most 100 MiB long.
pub(super) struct Incoming {
    pub(super) method: Method,
    pub(super) host_class: HostClass,
    /// Without the prefix of the host class.
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Incoming {
    /// Reads it to its end, or gives the answer to one that is too long or was cut.
    pub(super) async fn read(request: Request) -> Result<Self, Response> {
        let (head, body) = request.into_parts();
        let (host_class, path) = HostClass::split(head.uri.path());
        Ok(Self {
            method: head.method,
            host_class,
            path: path.to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body: body::whole(body).await?,
        })
    }

    /// What is written down of it. `stem` begins the name of a file for the body.
    pub(super) fn call(&self, stem: &str, cleaner: &Cleaner) -> Call {
        cleaner.learn(&self.headers);
        Call {
            method: self.method.to_string(),
            host_class: self.host_class,
            // The query first, because its secrets have names.
            query: cleaner.query(&self.query),
            path: cleaner.text(&self.path),
            headers: headers::asked(&self.headers, cleaner),
            body: Body::of(&self.body, stem, headers::content_type(&self.headers), cleaner),
        }
    }
}
