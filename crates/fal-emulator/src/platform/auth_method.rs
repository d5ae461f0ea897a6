//! What a call is told of the key behind a request.

use serde_json::{Value, json};

const LABEL: &str = "API Key";

const PLAIN: &str = "auth_method";
const STRUCTURED: &str = "auth_method_structured";

/// The names that ask for it in `expand`.
pub(super) const EXPANSIONS: [&str; 2] = [PLAIN, STRUCTURED];

/// Adds what the expansions ask for.
pub(super) fn add(row: &mut Value, expansions: &[&str], key_id: Option<&str>) {
    if expansions.contains(&PLAIN) {
        row[PLAIN] = LABEL.into();
    }
    if expansions.contains(&STRUCTURED) {
        row[STRUCTURED] = json!({ "detail": LABEL });
        if let Some(key_id) = key_id {
            row[STRUCTURED]["api_key_id"] = key_id.into();
        }
    }
}
