//! How long the files that a request makes are kept, and who may read them.

use std::collections::BTreeMap;
use std::time::Duration;

use http::HeaderValue;
use serde_json::{Map, Value, json};

/// How long the files that a request makes are kept, and who may read them. What it leaves open, the settings of the
/// account decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectLifecycle {
    expiration: Option<Option<Duration>>,
    default_access: Option<FileAccess>,
    rules: BTreeMap<String, FileAccess>,
}

/// What somebody without a signed URL gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileAccess {
    /// The file.
    Allow,
    /// A refusal.
    Forbid,
    /// Nothing that tells of the file.
    Hide,
}

impl ObjectLifecycle {
    /// The account's own settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Deletes the files so long after they were made. fal counts whole seconds; less than one becomes one.
    pub fn with_expiration(mut self, after: Duration) -> Self {
        self.expiration = Some(Some(after));
        self
    }

    /// Keeps the files for ever.
    pub fn without_expiration(mut self) -> Self {
        self.expiration = Some(None);
        self
    }

    /// Sets what everybody gets who has no rule of their own.
    pub fn with_default_access(mut self, access: FileAccess) -> Self {
        self.default_access = Some(access);
        self
    }

    /// Sets what one of fal's users gets.
    pub fn with_access(mut self, user: impl Into<String>, access: FileAccess) -> Self {
        self.rules.insert(user.into(), access);
        self
    }

    /// The value of `X-Fal-Object-Lifecycle-Preference`, and of `X-Fal-Object-Lifecycle` on uploads.
    pub fn header_value(&self) -> HeaderValue {
        let mut wishes = Map::new();
        if let Some(expiration) = self.expiration {
            let seconds = expiration.map(|after| after.as_secs().max(1));
            wishes.insert("expiration_duration_seconds".to_owned(), json!(seconds));
        }
        if self.default_access.is_some() || !self.rules.is_empty() {
            // fal's own client leaves the default out where none was given.
            let mut acl = Map::new();
            acl.extend(self.default_access.map(|access| ("default".to_owned(), json!(access.name()))));
            let rule = |(user, access): (&String, &FileAccess)| json!({ "user": user, "decision": access.name() });
            acl.insert("rules".to_owned(), self.rules.iter().map(rule).collect());
            wishes.insert("initial_acl".to_owned(), Value::Object(acl));
        }
        ascii(&Value::Object(wishes))
    }
}

impl FileAccess {
    fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Forbid => "forbid",
            Self::Hide => "hide",
        }
    }
}

/// JSON as a header: with escapes in place of everything beyond ASCII.
fn ascii(value: &Value) -> HeaderValue {
    let mut text = String::new();
    for unit in value.to_string().encode_utf16() {
        match char::from_u32(unit.into()).filter(|c| c.is_ascii() && !c.is_ascii_control()) {
            Some(c) => text.push(c),
            None => text.push_str(&format!("\\u{unit:04x}")),
        }
    }
    // Nothing is left that a header may not have.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("{}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lifecycle: &ObjectLifecycle) -> Value {
        serde_json::from_str(lifecycle.header_value().to_str().unwrap()).unwrap()
    }

    #[test]
    fn what_is_left_open_is_not_sent() {
        let hour = ObjectLifecycle::new().with_expiration(Duration::from_secs(3600));
        for (lifecycle, expected) in [
            (ObjectLifecycle::new(), r#"{}"#),
            (hour.clone(), r#"{"expiration_duration_seconds":3600}"#),
            (ObjectLifecycle::new().with_expiration(Duration::ZERO), r#"{"expiration_duration_seconds":1}"#),
            (hour.without_expiration(), r#"{"expiration_duration_seconds":null}"#),
            (
                ObjectLifecycle::new().with_default_access(FileAccess::Hide),
                r#"{"initial_acl":{"default":"hide","rules":[]}}"#,
            ),
            (
                ObjectLifecycle::new().with_access("user|1", FileAccess::Allow).with_access("b\n", FileAccess::Forbid),
                r#"{"initial_acl":{"rules":[{"decision":"forbid","user":"b\n"},{"decision":"allow","user":"user|1"}]}}"#,
            ),
        ] {
            assert_eq!(sent(&lifecycle), serde_json::from_str::<Value>(expected).unwrap());
        }
    }

    #[test]
    fn names_beyond_ascii_are_escaped() {
        let user = "ü🌊\u{7f}";
        let lifecycle = ObjectLifecycle::new().with_access(user, FileAccess::Allow);
        assert!(lifecycle.header_value().as_bytes().is_ascii());
        assert_eq!(sent(&lifecycle)["initial_acl"]["rules"][0]["user"], user);
    }
}
