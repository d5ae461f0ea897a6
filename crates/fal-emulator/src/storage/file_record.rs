//! What is known of a file besides its bytes.

use axum::http::HeaderValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::acl::{Acl, Decision};
use super::lifecycle::Lifecycle;

/// The longest file name that is kept, in characters.
const NAME_LIMIT: usize = 100;
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A file as it is kept on disk. What older records lack has a default.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FileRecord {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) content_type: String,
    /// Bytes.
    pub(crate) size: u64,
    /// 1970 until the file is stored.
    #[serde(default)]
    pub(crate) uploaded_at: Timestamp,
    /// When it is deleted; `None` for never.
    #[serde(default)]
    pub(crate) expires_at: Option<Timestamp>,
    /// `None` for everybody.
    #[serde(default)]
    pub(super) acl: Option<Acl>,
}

/// A file that is still to come.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) record: FileRecord,
    pub(super) lifecycle: Lifecycle,
}

impl Draft {
    pub(super) fn new(name: Option<&str>, content_type: Option<&str>, lifecycle: Lifecycle) -> Self {
        let record = FileRecord::fresh(name.unwrap_or("file"), content_type.unwrap_or(UNKNOWN_TYPE));
        Self { record, lifecycle }
    }
}

impl FileRecord {
    /// A fresh id, since each upload gets a URL of its own, as on fal.
    fn fresh(name: &str, content_type: &str) -> Self {
        let fits_a_header = HeaderValue::from_str(content_type).is_ok();
        Self {
            id: Uuid::now_v7().simple().to_string(),
            name: plain_name(name),
            content_type: if fits_a_header { content_type } else { UNKNOWN_TYPE }.to_owned(),
            size: 0,
            uploaded_at: Timestamp::default(),
            expires_at: None,
            acl: None,
        }
    }

    /// The path under the CDN's base URL.
    pub(crate) fn path(&self) -> String {
        format!("/files/b/{}/{}", self.id, self.name)
    }

    /// What a reader without a name gets.
    pub(super) fn decision(&self) -> Decision {
        self.acl.as_ref().map(|acl| acl.default).unwrap_or_default()
    }

    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// A name that is safe in a URL; the file on disk is named by its id alone.
fn plain_name(name: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let plain: String = name.chars().take(NAME_LIMIT).map(allowed).collect();
    if plain.trim_matches(['.', '_']).is_empty() { "file".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe_for_a_url() {
        assert_eq!(plain_name("my picture (1).png"), "my_picture__1_.png");
        assert_eq!(plain_name("../.."), "file");
        assert_eq!(plain_name(".."), "file");
        assert_eq!(plain_name(""), "file");
        assert_eq!(plain_name(&"x".repeat(500)).len(), NAME_LIMIT);
    }

    #[test]
    fn a_content_type_that_no_header_can_carry_is_dropped() {
        assert_eq!(FileRecord::fresh("p.png", "image/png").content_type, "image/png");
        assert_eq!(FileRecord::fresh("p.png", "image/png\r\nx-other: 1").content_type, UNKNOWN_TYPE);
    }

    #[test]
    fn a_record_from_before_files_could_expire_is_still_read() {
        let old = r#"{"id":"a","name":"p.png","content_type":"image/png","size":3}"#;
        let record: FileRecord = serde_json::from_str(old).expect("is read");
        assert!(!record.has_expired(Timestamp::MAX));
        assert_eq!(record.decision(), Decision::Allow);
    }
}
