//! Who may ask the platform API.

use axum::http::HeaderMap;

use crate::platform::refusal::Refusal;
use crate::shared::Shared;

/// Passes a request with an accepted key.
pub(crate) fn require_key(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    if has_key(shared, headers) { Ok(()) } else { Err(Refusal::unauthorized()) }
}

/// Whether the request has an accepted key, for calls that need none.
pub(super) fn has_key(shared: &Shared, headers: &HeaderMap) -> bool {
    shared.keys.check(headers).is_ok()
}
