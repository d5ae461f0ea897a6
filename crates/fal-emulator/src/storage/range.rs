//! The `Range` header: which part of a file is asked for.

/// A stretch of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// The first byte.
    pub(crate) start: u64,
    /// How many bytes.
    pub(crate) length: u64,
    /// Whether the answer is a 206.
    pub(crate) is_partial: bool,
}

/// The range begins behind the end of the file: a 416.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unsatisfiable;

impl Part {
    /// The value of the `Content-Range` header.
    pub(crate) fn content_range(self, size: u64) -> String {
        format!("bytes {}-{}/{size}", self.start, self.start + self.length - 1)
    }
}

/// The part that a `Range` header asks for; without one, and with one that is not a single range of bytes, the whole.
pub(crate) fn of(header: Option<&str>, size: u64) -> Result<Part, Unsatisfiable> {
    let whole = Part { start: 0, length: size, is_partial: false };
    let Some((first, last)) = header.and_then(|text| text.strip_prefix("bytes=")).and_then(|text| text.split_once('-'))
    else {
        return Ok(whole);
    };
    let (start, end) = match (first.trim().parse::<u64>(), last.trim()) {
        (Ok(start), "") => (start, size),
        (Ok(start), last) => match last.parse::<u64>() {
            Ok(last) if last >= start => (start, last.saturating_add(1).min(size)),
            _ => return Ok(whole),
        },
        (Err(_), last) if first.trim().is_empty() => match last.parse::<u64>() {
            Ok(suffix) => (size.saturating_sub(suffix), if suffix == 0 { 0 } else { size }),
            Err(_) => return Ok(whole),
        },
        _ => return Ok(whole),
    };
    if start >= end { Err(Unsatisfiable) } else { Ok(Part { start, length: end - start, is_partial: true }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_single_range_is_understood() {
        let part = |start, length| Ok(Part { start, length, is_partial: true });
        assert_eq!(of(Some("bytes=0-3"), 10), part(0, 4));
        assert_eq!(of(Some("bytes=4-"), 10), part(4, 6));
        assert_eq!(of(Some("bytes=-3"), 10), part(7, 3));
        assert_eq!(of(Some("bytes=-30"), 10), part(0, 10));
        assert_eq!(of(Some("bytes=8-99"), 10), part(8, 2));
        assert_eq!(of(Some("bytes=10-"), 10), Err(Unsatisfiable));
        assert_eq!(of(Some("bytes=-0"), 10), Err(Unsatisfiable));
    }

    #[test]
    fn what_is_not_a_single_range_of_bytes_gets_the_whole_file() {
        let whole = Ok(Part { start: 0, length: 10, is_partial: false });
        for header in [None, Some("lines=1-2"), Some("bytes=5-2"), Some("bytes=0-1,3-4"), Some("bytes=a-b")] {
            assert_eq!(of(header, 10), whole, "{header:?}");
        }
    }

    #[test]
    fn the_content_range_names_the_last_byte() {
        assert_eq!(Part { start: 4, length: 6, is_partial: true }.content_range(10), "bytes 4-9/10");
    }
}
