//! What a `data:` URI holds.

use bytes::Bytes;
use data_url::DataUrl;
use data_url::forgiving_base64::DecodeError;

use crate::FileProblem;

/// The bytes in a URI, unless they are more than `limit`. No reason repeats any of it.
pub(crate) fn decode(uri: &str, limit: u64) -> Result<Bytes, FileProblem> {
    let url = DataUrl::process(uri).map_err(|_| FileProblem::NotADataUri)?;
    let mut bytes = Vec::new();
    let decoded = url.decode(|piece| {
        if limit < (bytes.len() + piece.len()) as u64 {
            return Err(FileProblem::TooLarge { limit });
        }
        bytes.extend_from_slice(piece);
        Ok(())
    });
    match decoded {
        Ok(_) if bytes.is_empty() => Err(FileProblem::Empty),
        Ok(_) => Ok(bytes.into()),
        Err(DecodeError::WriteError(problem)) => Err(problem),
        Err(DecodeError::InvalidBase64(_)) => Err(FileProblem::NotADataUri),
    }
}
