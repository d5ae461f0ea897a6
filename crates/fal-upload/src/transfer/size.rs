//! Whether all of a file has arrived.

use fal_core::{Authorization, Call, FalClient, HostClass};
use http::{Method, header};
use url::Url;

use crate::Error;

/// Asks the CDN how large the file is. An answer that does not tell, as for a file that not everybody may read, proves
/// nothing.
pub(super) async fn verify(client: &FalClient, url: &str, bytes: u64) -> Result<(), Error> {
    let Ok(url) = Url::parse(url) else { return Ok(()) };
    let head = Call::new(Method::HEAD, HostClass::Cdn, url).with_authorization(Authorization::None);
    let answer = match client.call(head).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "the size of the upload is not known");
            return Ok(());
        }
    };
    let told = answer.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    match told {
        Some(arrived) if arrived != bytes => Err(Error::Size { sent: bytes, arrived }),
        _ => Ok(()),
    }
}
