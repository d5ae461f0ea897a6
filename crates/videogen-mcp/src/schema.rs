//! JSON Schemas of what tools take and give, in the plain words that every client reads: no `$ref`, no `null`.

use std::sync::Arc;

use rmcp::model::JsonObject;
use serde_json::{Value, json};

/// An object with these fields and no others.
pub(crate) fn object(properties: Value, required: &[&str]) -> Arc<JsonObject> {
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    Arc::new(schema.as_object().cloned().unwrap_or_default())
}

/// What went wrong, as [`ErrorView`](videogen::ErrorView) writes it.
pub(crate) fn error() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong, and what to do about it.",
        "properties": {
            "kind": { "type": "string" },
            "message": { "type": "string" },
            "advice": { "type": "string", "description": "What to do next." },
            "recovery": {
                "type": "string",
                "enum": ["never", "later", "reconcile"],
                "description": "Whether the same call can succeed: never, later, or look first whether it did already.",
            },
            "field": { "type": "string", "description": "The argument that it is about." },
            "violations": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "field": { "type": "string" },
                        "code": { "type": "string" },
                        "message": { "type": "string" },
                        "allowed": { "type": "array", "items": { "type": "string" } },
                        "suggestion": { "type": "string" },
                    },
                    "required": ["field", "code", "message"],
                },
            },
        },
        "required": ["kind", "message", "advice", "recovery"],
    })
}
