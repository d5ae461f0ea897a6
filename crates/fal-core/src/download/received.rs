//! What has come of a file, and the proof that the rest belongs to it.

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderValue, header};

use super::{TAG, changed};
use crate::call::{Answer, Call};
use crate::{ResponseBody, TransportError};

/// What has come of a file.
pub(super) struct Received {
    /// So many bytes.
    pub(super) bytes: u64,
    /// The length of the whole, where the server says so.
    pub(super) total: Option<u64>,
    /// The name of this very file: a strong `ETag` (RFC 9110, §8.8.3).
    pub(super) tag: Option<HeaderValue>,
    digest: Context,
}

/// Why the beginning of a body cannot be passed over.
pub(super) enum Skip {
    /// It is not the beginning of the same file.
    Changed,
    /// It broke off.
    Broken,
}

impl Received {
    /// Nothing yet of the file that an answer begins.
    pub(super) fn nothing_of(answer: &Answer) -> Self {
        let total = answer.header(header::CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok());
        let tag = answer.headers.get(TAG).filter(|tag| tag.as_bytes().starts_with(b"\""));
        Self { bytes: 0, total, tag: tag.cloned(), digest: Context::new(&SHA256) }
    }

    /// Takes in what came.
    pub(super) fn take(&mut self, piece: &Bytes) -> Result<(), TransportError> {
        self.bytes += piece.len() as u64;
        self.digest.update(piece);
        if self.total.is_some_and(|total| total < self.bytes) { Err(changed()) } else { Ok(()) }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.total.is_none_or(|total| total == self.bytes)
    }

    /// The call for the rest. Without a tag nothing proves that a part belongs to the same file, and all is asked for.
    pub(super) fn asking_for_the_rest(&self, call: Call) -> Call {
        let range = HeaderValue::try_from(format!("bytes={}-", self.bytes));
        match (&self.tag, range) {
            (Some(tag), Ok(range)) if 0 < self.bytes => {
                call.with_header(header::RANGE, range).with_header(header::IF_RANGE, tag.clone())
            }
            _ => call,
        }
    }

    /// Passes over what has come before, when the file begins anew, and gives what came behind it in the same piece.
    pub(super) async fn skip_in(&self, body: &mut ResponseBody) -> Result<Bytes, Skip> {
        let mut digest = Context::new(&SHA256);
        let mut left = self.bytes;
        let mut rest = Bytes::new();
        while 0 < left {
            let mut piece = match body.next().await {
                Some(Ok(piece)) => piece,
                Some(Err(_)) | None => return Err(Skip::Broken),
            };
            rest = piece.split_off(usize::try_from(left).unwrap_or(usize::MAX).min(piece.len()));
            digest.update(&piece);
            left -= piece.len() as u64;
        }
        let same = digest.finish().as_ref() == self.digest.clone().finish().as_ref();
        if same { Ok(rest) } else { Err(Skip::Changed) }
    }
}
