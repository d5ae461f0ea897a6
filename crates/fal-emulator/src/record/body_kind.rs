//! What a body is: JSON, other text, or neither.

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use serde_json::value::RawValue;

use crate::record::cleaner::Cleaner;
use crate::record::exchange::{Body, BodyFile};
use crate::record::json_text::{compact, is_json};

impl Body {
    /// A whole body as it is written; `None` where it is empty.
    pub(super) fn of(bytes: &Bytes, stem: &str, content_type: &str, cleaner: &Cleaner) -> Option<Self> {
        match std::str::from_utf8(bytes) {
            Ok("") => None,
            Ok(text) => Some(Self::of_text(cleaner.text(text))),
            Err(_) => Some(Self::of_bytes(bytes, file_name(stem, content_type), cleaner)),
        }
    }

    /// The start of a body.
    pub(super) fn of_cut(bytes: &Bytes, stem: &str, content_type: &str, cleaner: &Cleaner) -> Option<Self> {
        match std::str::from_utf8(bytes) {
            Ok("") => None,
            Ok(text) => Some(Self::Text(cleaner.cut_text(text))),
            Err(_) => Some(Self::of_bytes(bytes, file_name(stem, content_type), cleaner)),
        }
    }

    fn of_text(text: String) -> Self {
        json(&text).map_or(Self::Text(text), Self::Json)
    }

    fn of_bytes(bytes: &Bytes, name: String, cleaner: &Cleaner) -> Self {
        let content = cleaner.bytes(bytes).map_or_else(|| bytes.clone(), Bytes::from);
        let sha256 = HEXLOWER.encode(digest(&SHA256, &content).as_ref());
        Self::File(BodyFile { name, bytes: content.len() as u64, sha256, content: Some(content) })
    }
}

/// The text as JSON without white space, where it is JSON.
pub(super) fn json(text: &str) -> Option<Box<RawValue>> {
    if is_json(text) { RawValue::from_string(compact(text)).ok() } else { None }
}

/// A name under which a person's programs know what to do with the file.
pub(super) fn file_name(stem: &str, content_type: &str) -> String {
    let extension = match content_type.split(';').next().unwrap_or_default().trim() {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        _ => "bin",
    };
    format!("{stem}.{extension}")
}
