//! One entry of a 422's `detail`, in fal's shape.

use serde_json::{Value, json};

/// A fault in the input: where, what kind, and what was given.
pub(crate) struct Problem {
    at: Location,
    kind: &'static str,
    message: String,
    context: Option<Value>,
    input: Value,
}

/// The kinds that come from the validation library under fal, without a URL; fal's own have one.
const WITHOUT_URL: &[&str] =
    &["missing", "string_type", "bool_type", "int_type", "float_type", "list_type", "model_attributes_type"];

/// A place in the body: the names of fields and the positions in lists that lead there.
#[derive(Clone, Default)]
pub(crate) struct Location(Vec<Value>);

impl Location {
    pub(crate) fn join(&self, step: impl Into<Value>) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.into());
        Self(steps)
    }
}

impl Problem {
    pub(crate) fn new(at: &Location, kind: &'static str, message: impl Into<String>, input: &Value) -> Self {
        Self { at: at.clone(), kind, message: message.into(), context: None, input: input.clone() }
    }

    pub(crate) fn with_context(mut self, context: Value) -> Self {
        self.context = Some(context);
        self
    }

    /// The entry as fal sends it.
    pub(crate) fn to_json(&self) -> Value {
        let loc: Vec<Value> = std::iter::once("body".into()).chain(self.at.0.iter().cloned()).collect();
        let mut entry = json!({ "loc": loc, "msg": self.message, "type": self.kind, "input": self.input });
        if let Some(context) = &self.context {
            entry["ctx"] = context.clone();
        }
        if !WITHOUT_URL.contains(&self.kind) {
            entry["url"] = format!("https://docs.fal.ai/errors/#{}", self.kind).into();
        }
        entry
    }
}

/// The whole body of a 422.
pub(crate) fn body(problems: &[Problem]) -> Value {
    json!({ "detail": problems.iter().map(Problem::to_json).collect::<Vec<_>>() })
}
