//! What a test can see of a file.

use jiff::Timestamp;

use super::file_record::FileRecord;

/// A file that the emulator keeps: an upload or a rendered video.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFile {
    /// Where it is downloaded from; good without credentials unless its ACL says otherwise.
    pub url: String,
    /// The file name that the client gave, with everything that is not safe in a URL replaced by `_`.
    pub name: String,
    /// The media type, for example `image/png`.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// When the last byte had come in, on the emulator's clock.
    pub uploaded_at: Timestamp,
    /// When it is deleted; `None` for never.
    pub expires_at: Option<Timestamp>,
}

impl StoredFile {
    pub(crate) fn of(record: FileRecord, cdn: &str) -> Self {
        Self {
            url: format!("{cdn}{}", record.path()),
            name: record.name,
            content_type: record.content_type,
            size: record.size,
            uploaded_at: record.uploaded_at,
            expires_at: record.expires_at,
        }
    }
}
