//! What a client does with one exchange, told from its method and path.

use axum::http::Method;
use serde::{Deserialize, Serialize};

use crate::host_class::HostClass;

/// The step of a client's work that an exchange is. Written in kebab-case: `status-stream`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Operation {
    /// Every exchange, those that are none of the following included.
    Any,
    /// `POST` of an input to the queue.
    Submit,
    /// `GET …/status`.
    Status,
    /// `GET …/status/stream`.
    StatusStream,
    /// `GET …/requests/{id}`.
    Result,
    /// `PUT …/cancel`.
    Cancel,
    /// A direct call.
    Run,
    /// A direct call that answers with an event stream.
    Stream,
    /// A token, for the CDN or for a browser.
    Token,
    /// The start of an upload that takes more than one exchange.
    Initiate,
    /// A whole file.
    Upload,
    /// One part of a file.
    Part,
    /// The end of an upload in parts.
    Complete,
    /// `GET` or `HEAD` of a file.
    Download,
    /// Anything of the platform API, and the documents on the website.
    Platform,
    /// The keys that webhooks are checked with, `GET /.well-known/jwks.json`.
    Webhook,
}

impl Operation {
    /// What an exchange with this path of the listener is; `None` where fal has nothing there.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        let (host, path) = HostClass::split(path);
        let path = path.trim_end_matches('/');
        match host {
            HostClass::Queue => queue(method, path),
            HostClass::Run if method == Method::POST && path.ends_with("/stream") => Some(Self::Stream),
            HostClass::Run if method == Method::POST => Some(Self::Run),
            HostClass::Rest => rest(method, path),
            HostClass::Cdn => cdn(method, path),
            HostClass::Platform | HostClass::Site => Some(Self::Platform),
            HostClass::Run | HostClass::Other => None,
        }
    }

    /// Whether a rule for this operation is about the other one.
    pub(super) fn covers(self, other: Option<Self>) -> bool {
        self == Self::Any || Some(self) == other
    }
}

fn queue(method: &Method, path: &str) -> Option<Operation> {
    match *method {
        Method::POST => Some(Operation::Submit),
        Method::PUT if path.ends_with("/cancel") => Some(Operation::Cancel),
        Method::GET if path.ends_with("/status/stream") => Some(Operation::StatusStream),
        Method::GET if path.ends_with("/status") => Some(Operation::Status),
        Method::GET if path.contains("/requests/") => Some(Operation::Result),
        _ => None,
    }
}

fn rest(method: &Method, path: &str) -> Option<Operation> {
    match (method.as_str(), path) {
        ("POST", "/storage/auth/token" | "/tokens") => Some(Operation::Token),
        ("POST", "/storage/upload/initiate" | "/storage/upload/initiate-multipart") => Some(Operation::Initiate),
        ("GET", "/.well-known/jwks.json") => Some(Operation::Webhook),
        _ => None,
    }
}

/// A part is one segment behind the file's name, or behind `multipart` and the id of the upload.
fn cdn(method: &Method, path: &str) -> Option<Operation> {
    let is_part = path.contains("/multipart/") || path.split('/').count() > "/files/b/id/name".split('/').count();
    match method.as_str() {
        "POST" if path == "/files/upload" => Some(Operation::Upload),
        "POST" if path == "/files/upload/multipart" => Some(Operation::Initiate),
        "POST" if path.ends_with("/complete") => Some(Operation::Complete),
        "PUT" if is_part => Some(Operation::Part),
        "PUT" => Some(Operation::Upload),
        "GET" | "HEAD" => Some(Operation::Download),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_fal_has_its_operation() {
        let kling = "fal-ai/kling-video";
        for (method, path, expected) in [
            ("POST", format!("/queue/{kling}/v2.1/pro/image-to-video"), Some(Operation::Submit)),
            ("GET", format!("/queue/{kling}/requests/1/status"), Some(Operation::Status)),
            ("GET", format!("/queue/{kling}/requests/1/status/"), Some(Operation::Status)),
            ("GET", format!("/queue/{kling}/requests/1/status/stream"), Some(Operation::StatusStream)),
            ("GET", format!("/queue/{kling}/requests/1"), Some(Operation::Result)),
            ("GET", format!("/queue/{kling}/requests/1/response"), Some(Operation::Result)),
            ("PUT", format!("/queue/{kling}/requests/1/cancel"), Some(Operation::Cancel)),
            ("GET", format!("/queue/{kling}"), None),
            ("POST", format!("/run/{kling}/v2.1/pro/image-to-video"), Some(Operation::Run)),
            ("POST", format!("/run/{kling}/v2.1/pro/image-to-video/stream"), Some(Operation::Stream)),
            ("GET", format!("/run/{kling}"), None),
            ("POST", "/rest/storage/auth/token".into(), Some(Operation::Token)),
            ("POST", "/rest/tokens/".into(), Some(Operation::Token)),
            ("POST", "/rest/storage/upload/initiate".into(), Some(Operation::Initiate)),
            ("POST", "/rest/storage/upload/initiate-multipart".into(), Some(Operation::Initiate)),
            ("GET", "/rest/.well-known/jwks.json".into(), Some(Operation::Webhook)),
            ("GET", "/rest/storage/auth/token".into(), None),
            ("POST", "/cdn/files/upload".into(), Some(Operation::Upload)),
            ("POST", "/cdn/files/upload/multipart".into(), Some(Operation::Initiate)),
            ("PUT", "/cdn/files/b/1/x.png".into(), Some(Operation::Upload)),
            ("PUT", "/cdn/files/b/1/x.png/2".into(), Some(Operation::Part)),
            ("PUT", "/cdn/files/b/1/x.png/multipart/9/2".into(), Some(Operation::Part)),
            ("POST", "/cdn/files/b/1/x.png/complete".into(), Some(Operation::Complete)),
            ("POST", "/cdn/files/b/1/x.png/multipart/9/complete".into(), Some(Operation::Complete)),
            ("GET", "/cdn/files/b/1/x.png".into(), Some(Operation::Download)),
            ("HEAD", "/cdn/files/b/1/x.png".into(), Some(Operation::Download)),
            ("DELETE", "/cdn/files/b/1/x.png".into(), None),
            ("GET", "/platform/v1/models/pricing".into(), Some(Operation::Platform)),
            ("DELETE", "/platform/v1/keys/1".into(), Some(Operation::Platform)),
            ("GET", "/elsewhere".into(), None),
        ] {
            let method = method.parse().expect("is a method");
            assert_eq!(Operation::of(&method, &path), expected, "{method} {path}");
            assert!(Operation::Any.covers(expected));
        }
    }
}
