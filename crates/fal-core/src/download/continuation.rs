//! What an answer to the request for the rest of a file means.

use http::{StatusCode, header};

use super::received::Received;
use super::{TAG, changed};
use crate::TransportError;
use crate::call::Answer;

/// How a file goes on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Continuation {
    /// With the byte after the last one.
    Rest,
    /// From its first byte: the server knows no ranges, or the file may be another one.
    Whole,
    /// Not at all.
    Refused,
}

impl Continuation {
    /// # Errors
    /// When the answer says of itself that it belongs to another file.
    pub(super) fn of(answer: &Answer, received: &Received) -> Result<Self, TransportError> {
        match answer.status {
            StatusCode::PARTIAL_CONTENT if is_the_rest(answer, received) => Ok(Self::Rest),
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => Err(changed()),
            StatusCode::OK if Received::nothing_of(answer).total.is_none_or(|total| Some(total) == received.total) => {
                Ok(Self::Whole)
            }
            StatusCode::OK if received.total.is_none() => Ok(Self::Whole),
            StatusCode::OK => Err(changed()),
            _ => Ok(Self::Refused),
        }
    }
}

/// Whether a part begins where the last one ended, in a file of the same length and name.
fn is_the_rest(answer: &Answer, received: &Received) -> bool {
    let same_tag = answer.headers.get(TAG).is_none_or(|tag| Some(tag) == received.tag.as_ref());
    let Some((start, total)) = answer.header(header::CONTENT_RANGE.as_str()).and_then(content_range) else {
        return false;
    };
    let same_total = total.is_none() || received.total.is_none() || total == received.total;
    same_tag && same_total && start == received.bytes
}

/// The first byte and the length of the whole, of `bytes 5-9/10` and `bytes 5-9/*` (RFC 9110, §14.4).
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    let total = if total == "*" { None } else { Some(total.parse().ok()?) };
    Some((start.parse().ok()?, total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;

    fn answer(status: u16, headers: &[(&'static str, &'static str)]) -> Answer {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: Bytes::new() }
    }

    /// How a file of 10 bytes goes on, of which 4 have come.
    fn after_four(status: u16, headers: &[(&'static str, &'static str)]) -> Option<Continuation> {
        let mut received = Received::nothing_of(&answer(200, &[("content-length", "10"), ("etag", "\"a\"")]));
        received.take(&Bytes::from_static(b"0123")).unwrap();
        Continuation::of(&answer(status, headers), &received).ok()
    }

    #[test]
    fn a_part_is_taken_only_where_it_fits() {
        let table: [(&[(&str, &str)], _); 8] = [
            (&[("content-range", "bytes 4-9/10"), ("etag", "\"a\"")], Some(Continuation::Rest)),
            (&[("content-range", "bytes 4-9/10")], Some(Continuation::Rest)),
            (&[("content-range", "bytes 4-9/*"), ("etag", "\"a\"")], Some(Continuation::Rest)),
            (&[("content-range", "bytes 4-9/10"), ("etag", "\"b\"")], None),
            (&[("content-range", "bytes 4-10/11"), ("etag", "\"a\"")], None),
            (&[("content-range", "bytes 3-9/10"), ("etag", "\"a\"")], None),
            (&[("content-range", "4-9")], None),
            (&[], None),
        ];
        for (headers, expected) in table {
            assert_eq!(after_four(206, headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_file_that_begins_anew_has_the_same_length() {
        assert_eq!(after_four(200, &[("content-length", "10")]), Some(Continuation::Whole));
        assert_eq!(after_four(200, &[]), Some(Continuation::Whole));
        assert_eq!(after_four(200, &[("content-length", "11")]), None);
    }

    #[test]
    fn a_file_that_has_become_shorter_or_has_gone_does_not_go_on() {
        assert_eq!(after_four(416, &[("content-range", "bytes */3")]), None);
        assert_eq!(after_four(404, &[]), Some(Continuation::Refused));
    }
}
