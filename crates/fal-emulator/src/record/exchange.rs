//! The file format: one exchange as JSON that a person can read and compare.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::host_class::HostClass;

/// The version of the format, in every file.
pub(super) const FORMAT: u32 = 1;

/// One request and what came back. Texts hold stand-ins for secrets and placeholders for hosts.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    pub(super) format: u32,
    /// Counts requests from 1, in the order they came in. One that never reached the host leaves a gap.
    pub(super) sequence: u32,
    pub(super) at: Timestamp,
    /// The client or the host was gone before the end; what had arrived by then is here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) cut: bool,
    pub(super) request: Call,
    /// Missing where the host closed the connection instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<Answer>,
    /// Hosts of URLs in the answer that are not recorded; a client that goes there leaves the recording.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) unknown_hosts: BTreeSet<String>,
}

/// What was asked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    pub(super) method: String,
    #[serde(with = "class_name")]
    pub(super) host_class: HostClass,
    /// As the host sees it; on a further host of the CDN with its marker in front.
    pub(super) path: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) query: String,
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Body>,
}

impl Call {
    pub(super) fn path_and_query(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.method, self.host_class, self.path_and_query())
    }
}

/// What came back.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Body>,
}

/// A body that is not empty.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Body {
    /// JSON, byte for byte except for white space.
    Json(Box<RawValue>),
    /// Any other UTF-8.
    Text(String),
    /// Everything else, in a file beside this one.
    File(BodyFile),
    /// Server-sent events.
    Events(Vec<Event>),
}

/// The file of a body.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BodyFile {
    /// In the same folder.
    pub(super) name: String,
    pub(super) bytes: u64,
    /// In hexadecimal digits, lower case.
    pub(super) sha256: String,
    /// What is still to be written to it.
    #[serde(skip)]
    pub(super) content: Option<Bytes>,
}

/// One server-sent event, or a comment between two of them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Event {
    /// Milliseconds since the head of the answer.
    pub(super) at_ms: u64,
    /// What a single `data: …` line says, where that is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<Box<RawValue>>,
    /// Any other event, word for word.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) text: String,
}

mod class_name {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::host_class::HostClass;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(class: &HostClass, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(class.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HostClass, D::Error> {
        let name = String::deserialize(deserializer)?;
        match HostClass::split(&format!("/{name}")) {
            (HostClass::Other, _) => Err(D::Error::custom(format!("`{name}` is no host class"))),
            (class, _) => Ok(class),
        }
    }
}
