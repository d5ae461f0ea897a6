//! What one exchange is about, as far as faults ask.

use axum::extract::Request;

use crate::board::Board;
use crate::faults::operation::Operation;
use crate::host_class::HostClass;

/// The operation, and the endpoint and the request that the path names.
pub(super) struct Exchange {
    pub(super) operation: Option<Operation>,
    /// The full endpoint id, also where the path has only the app.
    pub(super) endpoint: Option<String>,
    pub(super) request_id: Option<String>,
}

impl Exchange {
    pub(super) fn of(request: &Request, board: &Board) -> Self {
        let path = request.uri().path();
        let operation = Operation::of(request.method(), path);
        let (host, path) = HostClass::split(path);
        if !matches!(host, HostClass::Queue | HostClass::Run) {
            return Self { operation, endpoint: None, request_id: None };
        }
        let path = path.trim_matches('/');
        let Some((app, rest)) = path.split_once("/requests/") else {
            return Self { operation, endpoint: Some(path.to_owned()), request_id: None };
        };
        let id = rest.split('/').next().unwrap_or(rest);
        let endpoint = board.view(id, |job| job.endpoint_id.clone()).unwrap_or_else(|| app.to_owned());
        Self { operation, endpoint: Some(endpoint), request_id: Some(id.to_owned()) }
    }
}
