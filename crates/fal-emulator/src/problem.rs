//! One entry of a 422's `detail`, in fal's shape.

use serde_json::{Value, json};

/// A fault in the input: where, what kind, and what was given.
pub(crate) struct Problem {
    field: String,
    kind: &'static str,
    message: String,
    context: Option<Value>,
    input: Value,
}

impl Problem {
    pub(crate) fn new(field: &str, kind: &'static str, message: impl Into<String>, input: &Value) -> Self {
        Self { field: field.to_owned(), kind, message: message.into(), context: None, input: input.clone() }
    }

    pub(crate) fn with_context(mut self, context: Value) -> Self {
        self.context = Some(context);
        self
    }

    /// The entry as fal sends it. The kinds of the validation library under fal come without a URL, fal's own with one.
    pub(crate) fn to_json(&self) -> Value {
        let loc = if self.field.is_empty() { json!(["body"]) } else { json!(["body", self.field]) };
        let mut entry = json!({ "loc": loc, "msg": self.message, "type": self.kind, "input": self.input });
        if let Some(context) = &self.context {
            entry["ctx"] = context.clone();
        }
        if !matches!(self.kind, "missing" | "string_type" | "bool_type" | "float_type" | "model_attributes_type") {
            entry["url"] = format!("https://docs.fal.ai/errors/#{}", self.kind).into();
        }
        entry
    }
}

/// The whole body of a 422.
pub(crate) fn body(problems: &[Problem]) -> Value {
    json!({ "detail": problems.iter().map(Problem::to_json).collect::<Vec<_>>() })
}
