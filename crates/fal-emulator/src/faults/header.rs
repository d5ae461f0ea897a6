//! The request header that asks for faults on its own exchange.

use axum::http::HeaderMap;

use crate::faults::fault::Fault;
use crate::faults::invalid::InvalidFault;

/// One fault or several, with commas between them.
pub(super) const NAME: &str = "x-emulator-fault";

/// The faults that the headers ask for, in their order.
pub(super) fn asked(headers: &HeaderMap) -> Result<Vec<Fault>, InvalidFault> {
    let mut faults = Vec::new();
    for value in headers.get_all(NAME) {
        let text = value.to_str().map_err(|_| InvalidFault::new("not a text"))?;
        for written in text.split(',').filter(|written| !written.trim().is_empty()) {
            faults.push(written.parse()?);
        }
    }
    Ok(faults)
}
