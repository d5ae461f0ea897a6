//! Who may read a file: a default decision and rules for single users.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// The Access Control List of a file, in fal's own form.
///
/// The rules are kept and shown; they decide nothing here, where nobody but the owner has a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acl {
    pub(super) default: Decision,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Decision {
    #[default]
    Allow,
    /// A 403.
    Forbid,
    /// A 404, as if the file did not exist.
    Hide,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(deserialize_with = "not_empty")]
    user: String,
    decision: Decision,
}

fn not_empty<'de, D: Deserializer<'de>>(text: D) -> Result<String, D::Error> {
    let text = String::deserialize(text)?;
    if text.is_empty() { Err(D::Error::custom("a user has a name")) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fals_own_form_is_taken() {
        let read = serde_json::from_str::<Acl>;
        assert_eq!(read(r#"{"default":"forbid"}"#).expect("is one").default, Decision::Forbid);
        assert!(read(r#"{"default":"hide","rules":[{"user":"someone","decision":"allow"}]}"#).is_ok());
        for other in [
            r#"{}"#,
            r#"{"default":"deny"}"#,
            r#"{"default":"allow","extra":1}"#,
            r#"{"default":"allow","rules":[{"user":"","decision":"allow"}]}"#,
            r#"{"default":"allow","rules":[{"user":"someone"}]}"#,
        ] {
            assert!(read(other).is_err(), "{other}");
        }
    }
}
